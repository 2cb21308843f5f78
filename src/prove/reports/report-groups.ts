// The RFM groups as a treemap: area by people, colour by how many of them are dormant.
import { formatsOf, inBoth } from './formats.ts';
import { asIs, markup, say, type Html } from './markup.ts';
import { squarified, type Box } from './treemap.ts';
import type { Analysis } from './analysis.ts';

// Boxes are laid out in about the pixels the page has, so that labels can be left out where they would not fit.
const WIDE: Box = { x: 0, y: 0, width: 1040, height: 330 };
const NARROW: Box = { x: 0, y: 0, width: 330, height: 330 };

const roomOf = ({ width, height }: Box): '' | 'small' | 'tiny' =>
  width < 84 || height < 30 ? 'tiny' : width < 112 || height < 62 ? 'small' : '';

const percent = (value: number, whole: number): Html => asIs(((100 * value) / whole).toFixed(3));

export function groupsMap({ picture, currency }: Analysis): Html {
  const rows = picture.rfm.filter((row) => row.people > 0).sort((a, b) => b.people - a.people);
  const draw = (into: Box, name: 'wide' | 'narrow'): Html => {
    const boxes = squarified(
      rows.map((row) => row.people),
      into,
    );
    const cells = rows.map((row, i) => {
      const box = boxes[i]!;
      const dormantShare = row.dormantPeople / row.people;
      const title = `${row.label.en} · ${row.label.zh}: ${formatsOf('en', currency.code).count(row.people)}`;
      const people = inBoth(currency.code, (f) => f.count(row.people));
      const dormant = inBoth(currency.code, (f) => f.percent(dormantShare, 0));
      const more = { en: `${people.en} · ${dormant.en} dormant`, zh: `${people.zh} 人 · ${dormant.zh} 休眠` };
      const place = markup`left:${percent(box.x, into.width)}%;top:${percent(box.y, into.height)}%;width:${percent(box.width, into.width)}%;height:${percent(box.height, into.height)}%`;
      return markup`<div class="${roomOf(box)}" style="${place};--heat:${percent(dormantShare, 1)}%" title="${title}"><span><b>${say(row.label)}</b><em>${say(more)}</em></span></div>`;
    });
    return markup`<div class="treemap ${name}" aria-hidden="true">${cells}</div>`;
  };
  return markup`${draw(WIDE, 'wide')}${draw(NARROW, 'narrow')}<p class="soft">${say({ en: 'Area: people. Colour: share of them that is dormant, 0%', zh: '面积：人数。颜色：其中休眠的比例，0%' })}<span class="scale"></span>100%</p>`;
}
