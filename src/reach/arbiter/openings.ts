// In which hours of a day, and on which days, may a channel be used in a country? The hours that hold in any case as data, each with what it rests
// on, and the one place where they, the business's hours and quiet hours become intervals of a local day. Pure.
import type { Text } from '../../kernel/lang.ts';
import type { HoursRule, ReachRules } from './rules.ts';

/** What a row rests on. Only the first two are somebody else's rule; none is legal advice. */
export const HOURS_GROUNDS = {
  provider_rule: { en: 'a provider’s published rule', zh: '服务商公布的规则' },
  law_unread: {
    en: 'a law as it is commonly known; its text was not read for this table',
    zh: '通常所知的法规，本表未核对原文',
  },
  cautious_default: { en: 'our cautious default, not law', zh: '本产品的谨慎默认值，并非法律规定' },
} as const satisfies Record<string, Text>;

type LawfulHours = HoursRule & {
  readonly ground: keyof typeof HOURS_GROUNDS;
  /** The document, or why we are cautious. */
  readonly source: Text;
};

/** Half-open stretch of a local day in minutes, 0 ≤ from < to ≤ 1440. */
export type Interval = { readonly from: number; readonly to: number };

const DAY_MINUTES = 1_440;
const texts = (
  country: string,
  from: string,
  to: string,
  why: Pick<LawfulHours, 'ground' | 'source'>,
  off: { readonly weekdaysOff?: readonly number[]; readonly holidaysOff?: boolean } = {},
): LawfulHours => ({ country, channel: 'sms', from, to, weekdaysOff: [], holidaysOff: false, ...off, ...why });

/** Settings may narrow these and never widen them. `docs/channels.md` holds the same table. */
export const LAWFUL_HOURS: readonly LawfulHours[] = [
  texts('CN', '08:00', '22:00', {
    ground: 'provider_rule',
    source: {
      en: 'Huawei Cloud SMS FAQ: marketing texts pass from 08:00 to 22:00 only',
      zh: '华为云短信常见问题：营销短信仅在 08:00 至 22:00 下发',
    },
  }),
  texts('US', '08:00', '21:00', {
    ground: 'law_unread',
    source: {
      en: 'TCPA, 47 CFR 64.1200(c)(1): 08:00 to 21:00 at the called party’s location',
      zh: '美国 TCPA（47 CFR 64.1200(c)(1)）：接收方当地时间 08:00 至 21:00',
    },
  }),
  texts(
    'FR',
    '08:00',
    '22:00',
    {
      ground: 'cautious_default',
      source: {
        en: 'no document read; we send no text on a Sunday or a public holiday either',
        zh: '未查阅文件；周日与法定节假日也不发送短信',
      },
    },
    { weekdaysOff: [7], holidaysOff: true },
  ),
  texts('IN', '10:00', '21:00', { ground: 'cautious_default', source: { en: 'no document read', zh: '未查阅文件' } }),
];

/** The country a number belongs to says more than a profile; only those with hours of their own are told apart. */
export const DIALLING_CODES: Readonly<Record<string, string>> = { '+86': 'CN', '+1': 'US', '+33': 'FR', '+91': 'IN' };

/**
 * The clock of a country, or the one most of its people live by: where a person's zone is not known, her country's is better than the business's.
 * What is lawful somewhere in it may still not be lawful where she is: `CLOCK_SPANS`.
 */
export const COUNTRY_ZONES: Readonly<Record<string, string>> = {
  CN: 'Asia/Shanghai',
  HK: 'Asia/Hong_Kong',
  TW: 'Asia/Taipei',
  JP: 'Asia/Tokyo',
  KR: 'Asia/Seoul',
  SG: 'Asia/Singapore',
  IN: 'Asia/Kolkata',
  GB: 'Europe/London',
  IE: 'Europe/Dublin',
  FR: 'Europe/Paris',
  DE: 'Europe/Berlin',
  AT: 'Europe/Vienna',
  CH: 'Europe/Zurich',
  IT: 'Europe/Rome',
  NL: 'Europe/Amsterdam',
  BE: 'Europe/Brussels',
  SE: 'Europe/Stockholm',
  PL: 'Europe/Warsaw',
  ES: 'Europe/Madrid',
  PT: 'Europe/Lisbon',
  DK: 'Europe/Copenhagen',
  NO: 'Europe/Oslo',
  FI: 'Europe/Helsinki',
  CZ: 'Europe/Prague',
  SK: 'Europe/Bratislava',
  HU: 'Europe/Budapest',
  RO: 'Europe/Bucharest',
  BG: 'Europe/Sofia',
  GR: 'Europe/Athens',
  TR: 'Europe/Istanbul',
  UA: 'Europe/Kyiv',
  RU: 'Europe/Moscow',
  IL: 'Asia/Jerusalem',
  AE: 'Asia/Dubai',
  SA: 'Asia/Riyadh',
  ZA: 'Africa/Johannesburg',
  EG: 'Africa/Cairo',
  NG: 'Africa/Lagos',
  KE: 'Africa/Nairobi',
  TH: 'Asia/Bangkok',
  VN: 'Asia/Ho_Chi_Minh',
  MY: 'Asia/Kuala_Lumpur',
  PH: 'Asia/Manila',
  ID: 'Asia/Jakarta',
  MO: 'Asia/Macau',
  PK: 'Asia/Karachi',
  BD: 'Asia/Dhaka',
  AU: 'Australia/Sydney',
  NZ: 'Pacific/Auckland',
  US: 'America/New_York',
  CA: 'America/Toronto',
  MX: 'America/Mexico_City',
  BR: 'America/Sao_Paulo',
  AR: 'America/Argentina/Buenos_Aires',
  CL: 'America/Santiago',
  CO: 'America/Bogota',
  PE: 'America/Lima',
};

/**
 * Where a country with lawful hours has several clocks, how far they stand behind and ahead of the one above at most. Of whom only the country is known,
 * an hour is lawful when it is on all of them. United States: Honolulu is UTC−10 while New York is on UTC−4, Puerto Rico UTC−4 while it is on UTC−5.
 */
export const CLOCK_SPANS: Readonly<
  Record<string, { readonly behindMinutes: number; readonly aheadMinutes: number } | undefined>
> = { US: { behindMinutes: 360, aheadMinutes: 60 } };

/** Minutes after midnight of `HH:MM`, 0 … 1440. */
export const minutesOf = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3, 5));

/** Both at once. */
const meet = (a: readonly Interval[], b: readonly Interval[]): Interval[] =>
  a.flatMap((one) =>
    b.flatMap((other) => {
      const both = { from: Math.max(one.from, other.from), to: Math.min(one.to, other.to) };
      return both.from < both.to ? [both] : [];
    }),
  );

const WHOLE_DAY: readonly Interval[] = [{ from: 0, to: DAY_MINUTES }];

/** What quiet hours leave of a day. Equal ends mean no quiet at all. */
function besidesQuiet(quiet: ReachRules['quiet']): readonly Interval[] {
  if (quiet === null || quiet.from === quiet.to) return WHOLE_DAY;
  const [from, to] = [minutesOf(quiet.from), minutesOf(quiet.to)];
  const loud =
    from < to
      ? [
          { from: 0, to: from },
          { from: to, to: DAY_MINUTES },
        ]
      : [{ from: to, to: from }];
  return loud.filter((each) => each.from < each.to);
}

export type Opening = {
  readonly channel: string;
  /** Two letters, or '' for every country without rules of its own. */
  readonly country: string;
  /** When everything is allowed at once: disjoint, ascending; empty when no minute is. */
  readonly intervals: readonly Interval[];
  /** The same without quiet hours: what law and the business's hours say. */
  readonly hours: readonly Interval[];
  readonly weekdaysOff: readonly number[];
  readonly holidaysOff: boolean;
};

const isFor = (rule: HoursRule, country: string, channel: string): boolean =>
  (rule.country === '*' || rule.country === country) && (rule.channel === '*' || rule.channel === channel);

/** Every country that any rule names. */
export const countriesWithRules = (rules: ReachRules): readonly string[] =>
  [...new Set([...LAWFUL_HOURS, ...(rules.hours ?? [])].map((rule) => rule.country))].filter((each) => each !== '*');

/** When `channel` may be used in `country`. `isGuessed`: on the country's clock, which need not be hers. */
export function openingOf(rules: ReachRules, country: string, channel: string, isGuessed = false): Opening {
  const isApplying = (rule: HoursRule): boolean => isFor(rule, country, channel);
  const [law, own] = [LAWFUL_HOURS.filter(isApplying), (rules.hours ?? []).filter(isApplying)];
  const applying = [...law, ...own];
  const { behindMinutes, aheadMinutes } = (isGuessed ? CLOCK_SPANS[country] : undefined) ?? {
    behindMinutes: 0,
    aheadMinutes: 0,
  };
  const hours = [
    ...law.map(({ from, to }) => ({ from: minutesOf(from) + behindMinutes, to: minutesOf(to) - aheadMinutes })),
    ...own.map(({ from, to }) => ({ from: minutesOf(from), to: minutesOf(to) })),
  ].reduce<readonly Interval[]>((open, interval) => meet(open, [interval]), WHOLE_DAY);
  const quietDays = rules.quietDays ?? { weekdays: [], holidays: false };
  return {
    channel,
    country,
    hours,
    intervals: meet(besidesQuiet(rules.quiet), hours),
    weekdaysOff: [...new Set([...quietDays.weekdays, ...applying.flatMap((rule) => rule.weekdaysOff)])].toSorted(
      (a, b) => a - b,
    ),
    holidaysOff: quietDays.holidays || applying.some((rule) => rule.holidaysOff),
  };
}

/** One opening per channel for each country with rules of its own, and one for the rest. */
export const openingsOf = (rules: ReachRules, channels: readonly string[]): readonly Opening[] =>
  ['', ...countriesWithRules(rules)].flatMap((country) =>
    channels.map((channel) => openingOf(rules, country, channel)),
  );

/** A channel by which nobody of a country is reached as long as her own zone is not known, told with what to do. */
export type BlindSpot = { readonly country: string; readonly channel: string } & Text;

const clockText = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const spansText = (intervals: readonly Interval[]): string =>
  intervals.map(({ from, to }) => `${clockText(from)}–${clockText(to)}`).join(', ');

/** Where the business's hours and those that are lawful on every clock of a country have nothing in common. Its names are the callers' to give. */
export const blindSpots = (
  rules: ReachRules,
  channels: Readonly<Record<string, Text>>,
  countryName: (country: string) => Text,
): readonly BlindSpot[] =>
  Object.keys(CLOCK_SPANS).flatMap((country) =>
    Object.entries(channels).flatMap(([channel, label]) => {
      if (openingOf(rules, country, channel, true).intervals.length > 0) return [];
      const lawful = spansText(openingOf({ ...rules, hours: [], quiet: null }, country, channel, true).intervals);
      const own = spansText(openingOf(rules, country, channel).intervals);
      const [zone, name] = [COUNTRY_ZONES[country] ?? country, countryName(country)];
      return [
        {
          country,
          channel,
          en: `${label.en}, ${name.en}: nobody whose own time zone is not known is reached. Your hours leave ${own}, and what is lawful on every clock there is ${lawful} (${zone}). Give people a timezone, or let your hours reach into that stretch.`,
          zh: `${name.zh}${label.zh}：时区未知的用户不会收到。自设时段为 ${own}，而在当地各时区均合规的时段为 ${lawful}（${zone}），两者没有交集。请为用户补充 timezone，或让自设时段与之重叠。`,
        },
      ];
    }),
  );

/** Is nothing ever closed? Then no clock needs to be asked. */
export const isAlwaysOpen = ({ intervals, weekdaysOff, holidaysOff }: Opening): boolean =>
  weekdaysOff.length === 0 &&
  !holidaysOff &&
  intervals.length === 1 &&
  intervals[0]!.from === 0 &&
  intervals[0]!.to === DAY_MINUTES;
