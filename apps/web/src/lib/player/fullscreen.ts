/** Shows the element full screen, or leaves full screen. */
export function toggleFullscreen(element: HTMLElement | undefined): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void element?.requestFullscreen();
}
