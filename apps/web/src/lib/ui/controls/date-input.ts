/** Converts between epoch milliseconds and the values of date fields, which are local times without a zone. */

export function inputOfMoment(at: number): string {
  const date = new Date(at);
  return `${inputOfDay(at)}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

export function inputOfDay(at: number): string {
  const date = new Date(at);
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function momentFromInput(text: string): number | null {
  return parsed(text);
}

/** Local midnight of that day. `new Date` would read a bare date as midnight UTC. */
export function dayFromInput(text: string): number | null {
  return parsed(text && `${text}T00:00`);
}

function parsed(text: string): number | null {
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : at;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
