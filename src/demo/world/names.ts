// Names, countries, time zones and made-up contact details. Mail domains end in `.example` (RFC 2606), so nothing can leave.
import type { Lang } from '../../kernel/lang.ts';
import type { Rng } from '../../kernel/random.ts';

export type Country = 'CN' | 'US' | 'GB' | 'DE' | 'SG' | 'AU' | 'FR' | 'CA';
type Place = { readonly timeZone: string; readonly offsetHours: number };
type CountryFacts = { readonly share: number; readonly chinese: number; readonly places: readonly Place[] };

/** `offsetHours` is the zone's winter offset: the simulation ignores daylight saving, the engine must not. */
export const COUNTRIES: Readonly<Record<Country, CountryFacts>> = {
  CN: { share: 0.46, chinese: 0.97, places: [{ timeZone: 'Asia/Shanghai', offsetHours: 8 }] },
  US: {
    share: 0.22,
    chinese: 0.08,
    places: [
      { timeZone: 'America/New_York', offsetHours: -5 },
      { timeZone: 'America/Chicago', offsetHours: -6 },
      { timeZone: 'America/Los_Angeles', offsetHours: -8 },
    ],
  },
  GB: { share: 0.1, chinese: 0.03, places: [{ timeZone: 'Europe/London', offsetHours: 0 }] },
  DE: { share: 0.08, chinese: 0.02, places: [{ timeZone: 'Europe/Berlin', offsetHours: 1 }] },
  SG: { share: 0.05, chinese: 0.5, places: [{ timeZone: 'Asia/Singapore', offsetHours: 8 }] },
  AU: { share: 0.04, chinese: 0.08, places: [{ timeZone: 'Australia/Sydney', offsetHours: 10 }] },
  FR: { share: 0.03, chinese: 0.01, places: [{ timeZone: 'Europe/Paris', offsetHours: 1 }] },
  CA: { share: 0.02, chinese: 0.1, places: [{ timeZone: 'America/Toronto', offsetHours: -5 }] },
};

const split = (text: string): readonly string[] => text.split(' ');
const ZH_FAMILY: readonly (readonly [string, string])[] = split(
  '王:wang 李:li 张:zhang 刘:liu 陈:chen 杨:yang 黄:huang 赵:zhao 吴:wu 周:zhou 徐:xu 孙:sun 马:ma 朱:zhu 胡:hu 郭:guo 何:he 林:lin 高:gao 罗:luo',
).map((pair) => [pair.split(':')[0]!, pair.split(':')[1]!] as const);
const ZH_GIVEN: readonly (readonly [string, string])[] = split(
  '伟:wei 芳:fang 娜:na 敏:min 静:jing 丽:li 强:qiang 磊:lei 洋:yang 艳:yan 勇:yong 军:jun 杰:jie 娟:juan 涛:tao 明:ming 超:chao 秀英:xiuying 子涵:zihan 雨桐:yutong 浩然:haoran 欣怡:xinyi 梓萱:zixuan 思远:siyuan',
).map((pair) => [pair.split(':')[0]!, pair.split(':')[1]!] as const);
const GIVEN = split(
  'Emma Liam Olivia Noah Ava James Sophia Lucas Mia Henry Amelia Jack Isla Oliver Grace Leo Hannah Felix Lena Paul Marie Jonas Clara Hugo Chloe Louis Alice Ethan Zoe Daniel Ruth Samuel',
);
const FAMILY = split(
  'Smith Johnson Brown Taylor Wilson Davies Evans Thomas Roberts Walker Miller Clark Lewis Young King Wright Müller Schmidt Schneider Fischer Weber Wagner Becker Hoffmann Martin Bernard Dubois Laurent Moreau Tan Lim Lee',
);
const ascii = (text: string): string => text.normalize('NFD').replaceAll(/[^\w]/g, '').toLowerCase();

export type Naming = { readonly name: string; readonly handle: string };

export function drawName(rng: Rng, lang: Lang): Naming {
  if (lang === 'zh') {
    const family = rng.pick(ZH_FAMILY);
    const given = rng.pick(ZH_GIVEN);
    return { name: family[0] + given[0], handle: `${given[1]}.${family[1]}` };
  }
  const given = rng.pick(GIVEN);
  const family = rng.pick(FAMILY);
  return { name: `${given} ${family}`, handle: `${ascii(given)}.${ascii(family)}` };
}

export function drawCountry(rng: Rng): Country {
  let left = rng.next();
  for (const country of Object.keys(COUNTRIES) as Country[]) {
    left -= COUNTRIES[country].share;
    if (left < 0) return country;
  }
  return 'CN';
}

const digits = (n: number, width: number): string => String(n).padStart(width, '0');

/** An E.164 number, from ranges kept for fiction where the country has one (US/CA 555-01xx, GB 7700 900xxx, DE 30 23125xxx). */
export function drawPhone(rng: Rng, country: Country, index: number): string {
  switch (country) {
    case 'CN':
      return `+861990${digits(index % 10_000_000, 7)}`;
    case 'US':
    case 'CA':
      return `+1${rng.pick(['212', '312', '415', '206', '617', '303', '416', '604'])}55501${digits(rng.below(100), 2)}`;
    case 'GB':
      return `+447700900${digits(rng.below(1000), 3)}`;
    case 'DE':
      return `+493023125${digits(rng.below(1000), 3)}`;
    case 'SG':
      return `+658000${digits(rng.below(10_000), 4)}`;
    case 'AU':
      return `+61491570${digits(rng.below(1000), 3)}`;
    case 'FR':
      return `+336399800${digits(rng.below(100), 2)}`;
  }
}
