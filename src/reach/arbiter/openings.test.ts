import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import { COUNTRY_ZONES, HOURS_GROUNDS, isAlwaysOpen, LAWFUL_HOURS, openingOf, openingsOf } from './openings.ts';
import { rulesWarnings } from './rules-warnings.ts';
import { DEFAULT_REACH_RULES, type HoursRule, type ReachRules } from './rules.ts';

const FREE: ReachRules = { caps: [], gapHours: 0, quiet: null, defaultTimeZone: 'UTC', globalControlBuckets: 0 };
const own = (more: Partial<HoursRule>): HoursRule => ({
  country: '*',
  channel: '*',
  from: '00:00',
  to: '24:00',
  weekdaysOff: [],
  holidaysOff: false,
  ...more,
});

describe('when a channel is open', () => {
  it('always, where nothing says otherwise', () => {
    expect(isAlwaysOpen(openingOf(FREE, 'DE', 'email'))).toBe(true);
    expect(isAlwaysOpen(openingOf({ ...FREE, quiet: { from: '09:00', to: '09:00' } }, '', 'email'))).toBe(true);
    expect(isAlwaysOpen(openingOf(FREE, 'CN', 'sms'))).toBe(false);
  });

  it.each([
    ['20:00', '09:00', [[540, 1_200]]],
    ['12:00', '14:00', [[0, 720], [840, 1_440]]], // prettier-ignore
    ['00:00', '08:00', [[480, 1_440]]],
    ['22:00', '00:00', [[0, 1_320]]],
  ] as const)('besides quiet hours from %s to %s', (from, to, expected) => {
    const { intervals } = openingOf({ ...FREE, quiet: { from, to } }, '', 'email');
    expect(intervals.map((each) => [each.from, each.to])).toEqual(expected);
  });

  it('inside the law, the business’s hours and quiet hours together', () => {
    // China: 08–22 by practice, 09–20 by default, quiet 12–14.
    const rules = { ...DEFAULT_REACH_RULES, quiet: { from: '12:00', to: '14:00' } };
    expect(openingOf(rules, 'CN', 'sms').intervals).toEqual([
      { from: 540, to: 720 },
      { from: 840, to: 1_200 },
    ]);
    // The called party’s 08:00 to 21:00, whatever the business would like.
    expect(openingOf({ ...FREE, hours: [own({})] }, 'US', 'sms').intervals).toEqual([{ from: 480, to: 1_260 }]);
    expect(openingOf(FREE, 'US', 'sms', true).intervals).toEqual([{ from: 14 * 60, to: 20 * 60 }]);
    expect(openingOf(FREE, 'CN', 'sms', true).intervals).toEqual([{ from: 480, to: 1_320 }]);
    expect(openingOf(FREE, 'FR', 'sms')).toMatchObject({ weekdaysOff: [7], holidaysOff: true });
    expect(openingOf(FREE, 'FR', 'email')).toMatchObject({ weekdaysOff: [], holidaysOff: false });
  });

  it('never, where two rules exclude each other', () => {
    const hours = [own({ from: '09:00', to: '10:00' }), own({ from: '10:00', to: '11:00' })];
    expect(openingOf({ ...FREE, hours }, '', 'email').intervals).toEqual([]);
  });

  it('has one entry per channel for every country with rules, and one for the rest', () => {
    const names = openingsOf({ ...FREE, hours: [own({ country: 'DE' })] }, ['email', 'sms']).map(
      (each) => `${each.country}/${each.channel}`,
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(['/email', '/sms', 'DE/email', 'CN/sms']));
  });

  it('says of every row what it rests on, in the documentation too', () => {
    const documented = readFileSync(new URL('../../../docs/channels.md', import.meta.url), 'utf8');
    const cells = (line: string): string[] => line.split('|').map((cell) => cell.trim());
    const rows = documented.split('\n').filter((line) => /^\| [A-Z]{2} {2,}\| `sms`/.test(line));
    expect(rows.map((row) => cells(row).slice(1, 6))).toEqual(
      LAWFUL_HOURS.map((each) => [
        each.country,
        `\`${each.channel}\``,
        `${each.from}–${each.to}${each.holidaysOff ? ', no Sunday, no public holiday' : ''}`,
        `**${HOURS_GROUNDS[each.ground].en}**`,
        each.source.en,
      ]),
    );
  });

  it('knows only zones that exist', () => {
    for (const zone of Object.values(COUNTRY_ZONES))
      expect(new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone).toBeTruthy();
  });

  it('warns where the business’s hours and those lawful on every clock of a country never meet', () => {
    // 14:00–20:00 in New York, as above. Morning hours end before, 09:00–15:00 leave an hour, an evening's quiet hours take nothing away.
    const hours = (from: string, to: string) => ({ ...FREE, hours: [own({ channel: 'sms', from, to })] });
    expect(rulesWarnings(DEFAULT_REACH_RULES)).toEqual([]);
    expect(rulesWarnings(hours('09:00', '15:00'))).toEqual([]);
    expect(openingOf(hours('09:00', '15:00'), 'US', 'sms', true).intervals).toEqual([{ from: 840, to: 900 }]);
    expect(rulesWarnings({ ...FREE, quiet: { from: '20:00', to: '13:59' } })).toEqual([]);
    expect(rulesWarnings(hours('09:00', '14:00'))).toMatchObject([{ country: 'US', channel: 'sms' }]);
    expect(rulesWarnings({ ...FREE, quiet: { from: '13:00', to: '09:00' } })).toMatchObject([{ country: 'US' }]);
    const [warning] = rulesWarnings(hours('09:00', '13:30'));
    expect(warning?.en).toMatch(/United States.*09:00–13:30.*14:00–20:00 \(America\/New_York\).*timezone/);
    expect(warning?.zh).toMatch(/美国.*09:00–13:30.*14:00–20:00（America\/New_York）.*timezone/);
  });
});
