// What `uploadDesk` loads with the first upload.
export { readChosen, readDropped } from './drop-reader.ts';
export { default as PreFlightDialog } from './PreFlightDialog.svelte';
export { default as UploadForecast } from './UploadForecast.svelte';
export { uploads } from './uploads.svelte.ts';
export { default as UploadTray } from './UploadTray.svelte';
