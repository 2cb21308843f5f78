// The examples of the documentation are real: the programme in docs/programmes.md is taken as it stands, and the five commands of the README
// exist with their options (test/scenario/readme.test.ts runs them).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { program } from '../../src/cli/main.ts';
import { openSession } from '../../src/cli/session.ts';
import { offerSchema } from '../../src/decide/offers/offer.ts';
import { parseProgramme } from '../../src/decide/programmes/programme.ts';
import { segmentSchema } from '../../src/understand/segments/segments.service.ts';
import { STARTER_TEMPLATES } from '../../src/reach/templates/starter-library.ts';

it('docs/programmes.md shows a file that can be created', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/programmes.md'), 'utf8');
  const example = JSON.parse(/```json\n([\s\S]*?)```/.exec(page)?.[1] ?? '') as {
    offers: unknown[];
    programme: unknown;
  };
  const offers = example.offers.map((offer) => offerSchema.parse(offer).offerId);
  const programme = parseProgramme(example.programme);
  const variants = programme.steps.flatMap((step) => (step.kind === 'message' ? step.variants : []));
  const starters = STARTER_TEMPLATES.map((template) => template.key);
  expect(
    variants.map((variant) => variant.templateId).filter((key) => key === undefined || !starters.includes(key)),
  ).toEqual([]);
  expect(variants.flatMap((variant) => variant.offerId ?? []).filter((id) => !offers.includes(id))).toEqual([]);
  expect(variants).toHaveLength(3);
});

const ROOT = join(import.meta.dirname, '../..');
const pageOf = (name: string): string => readFileSync(join(ROOT, name), 'utf8');

/** The commands and the segment of the README's section on five commands. */
function fiveCommands(page: string): { readonly commands: readonly string[]; readonly segment: string } {
  const [, section = ''] = /### [^\n]*(?:five commands|五条命令)[^\n]*\n([\s\S]*?)\n## /.exec(page) ?? [];
  const commands = (/```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? '').trim().split('\n');
  return { commands, segment: /```json\n([\s\S]*?)```/.exec(section)?.[1] ?? '' };
}

describe('the README', () => {
  it('says the same five commands in both languages', () => {
    const english = fiveCommands(pageOf('README.md'));
    expect(english.commands).toHaveLength(5);
    expect(fiveCommands(pageOf('README.zh-CN.md')).commands).toEqual(english.commands);
  });

  it('names commands that exist, and a segment that is one', async () => {
    const { commands, segment } = fiveCommands(pageOf('README.md'));
    const session = openSession([], {});
    for (const command of commands) {
      const words = command.replace('npm run rekindle -- ', '').split(' ');
      let found = await program(session, words);
      for (const word of words) found = found.commands.find((each) => each.name() === word) ?? found;
      expect({ command, found: found.name() }).toEqual({
        command,
        found: words[1]!.startsWith('orders') ? 'import' : words[1],
      });
      for (const flag of words.filter((word) => word.startsWith('--')))
        expect({ command, flags: found.options.map(({ long }) => long) }).toMatchObject({
          flags: expect.arrayContaining([flag]) as unknown,
        });
    }
    expect(segmentSchema.parse(JSON.parse(segment))).toMatchObject({ segmentId: 'loyal-but-quiet', policyId: 'shop' });
  });
});
