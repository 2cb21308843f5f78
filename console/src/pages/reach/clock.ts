/** `HH:mm` of what was typed: `9:05`, `09:05`, a full-width colon as Chinese keyboards give it. Undefined for what is no time of a day of 24 hours. */
export function clockOf(text: string): string | undefined {
  const [, hour, minute] = /^(\d{1,2})[:：](\d{2})$/.exec(text) ?? [];
  if (hour === undefined || minute === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined;
  return `${hour.padStart(2, '0')}:${minute}`;
}
