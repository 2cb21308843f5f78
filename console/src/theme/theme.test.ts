// The style sheet says the same as the palette, and everything written is legible on what it stands on (WCAG 2.2, 1.4.3: 4.5 to 1).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HOVER, NOTICE, PALETTES, type Palette } from './theme.ts';

const sheet = readFileSync(join(import.meta.dirname, 'theme.css'), 'utf8');
const inSheet = (selector: string): Record<string, string> => {
  const from = sheet.indexOf(`${selector} {`);
  const block = sheet.slice(from, sheet.indexOf('}', from));
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((match) => [match[1], match[2]]));
};
const dashed = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const colours = (palette: Palette): Record<string, string> =>
  Object.fromEntries(
    Object.entries(palette).flatMap(([name, value]) => (typeof value === 'string' ? [[dashed(name), value]] : [])),
  );

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const contrast = (a: string, b: string): number => {
  const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (light + 0.05) / (dark + 0.05);
};

describe('the palette', () => {
  it('knows black on white', () => expect(contrast('#000000', '#ffffff')).toBeCloseTo(21));
  it('is the style sheet’s', () => {
    expect(inSheet(':root')).toEqual(colours(PALETTES.light));
    expect(inSheet(`:root[data-theme='dark']`)).toEqual(colours(PALETTES.dark));
  });
  it.each(['light', 'dark'] as const)('%s is legible', (mode) => {
    const { paper, surface, raised, ink, muted, accent, accentInk, accentSoft, good, warn, bad } = PALETTES[mode];
    for (const ground of [paper, surface, raised])
      for (const colour of [ink, muted, accent, good, warn, bad])
        expect({ colour, ground, ratio: contrast(colour, ground) >= 4.5 }).toMatchObject({ ratio: true });
    expect(contrast(accent, accentSoft)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(accentInk, accent)).toBeGreaterThanOrEqual(4.5);
    for (const [ground, own] of [
      [NOTICE[mode].good, good],
      [NOTICE[mode].warn, warn],
      [NOTICE[mode].bad, bad],
    ] as const)
      for (const colour of [ink, muted, accent, own])
        expect({ colour, ground, ratio: contrast(colour, ground) >= 4.5 }).toMatchObject({ ratio: true });
    for (const colour of Object.values(HOVER[mode])) {
      expect(contrast(colour, surface)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(accentInk, colour)).toBeGreaterThanOrEqual(4.5);
    }
  });
});
