// Calendar days as texts such as 2026-11-22. Pure.
const DAY_MS = 86_400_000;

export const daysBefore = (day: string, count: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - count * DAY_MS).toISOString().slice(0, 10);
