// `rekindle person`: find, show, explain, export, erase, merge.
import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import type { Business } from '../kernel/business.ts';
import type { FoundPerson } from '../collect/people/find.sql.ts';
import { pathOf, withClient } from './client.ts';
import { examples } from './examples.ts';
import { count } from './figures.ts';
import { queryOf } from './input.ts';
import { whyScreen, type WhyJson } from './person-screen.ts';
import { usage, type Session } from './session.ts';
import { storyScreen, type StoryJson } from './story-screen.ts';
import { renderTable } from './table.ts';

export function personCommand(session: Session): Command {
  const { say, env, lang, paint } = session;
  const person = new Command('person').description(say('person'));
  examples(person, session, [
    'rekindle person find ada@example.com',
    'rekindle person show 17850',
    'rekindle person why 17850 --programme win-back',
    'rekindle person export 17850 --out 17850.json',
    'rekindle person erase 17850 --yes',
    'rekindle person merge 17850 17851',
  ]);

  person
    .command('find')
    .description(say('personFind'))
    .argument('<query>', say('queryArgument'))
    .action((query: string) =>
      withClient(env, async (client) => {
        const found = await client.call<{ people: readonly FoundPerson[] }>('GET', `/people${queryOf({ query })}`);
        session.answer(found, () =>
          found.people.length === 0
            ? say('nobodyFound')
            : renderTable(
                (['columnPerson', 'columnName2', 'columnEmail', 'columnPhone'] as const).map((word) => ({
                  title: say(word),
                })),
                found.people.map((each) => [each.personId, each.firstName ?? '', each.email ?? '', each.phone ?? '']),
                paint.dim,
              ),
        );
      }),
    );

  person
    .command('show')
    .description(say('personShow'))
    .argument('<person>', say('personArgument'))
    .action((id: string) =>
      withClient(env, async (client) => {
        const story = await client.call<StoryJson>('GET', pathOf`/people/${id}/story`);
        const { currency } = await client.call<Business>('GET', '/business');
        session.answer(story, () => storyScreen(session, story, currency));
      }),
    );

  person
    .command('why')
    .description(say('personWhy'))
    .argument('<person>', say('personArgument'))
    .option('--programme <id>', say('whyProgrammeOption'))
    .action((id: string, options: { programme?: string }) =>
      withClient(env, async (client) => {
        const query = queryOf({ programmeId: options.programme });
        const why = await client.call<WhyJson>('GET', `${pathOf`/people/${id}/why`}${query}`);
        const { currency } = await client.call<Business>('GET', '/business');
        session.answer(why, () => whyScreen(why, currency, lang, paint));
      }),
    );

  person
    .command('export')
    .description(say('personExport'))
    .argument('<person>', say('personArgument'))
    .option('--out <file>', say('outOption'))
    .action((id: string, options: { out?: string }) =>
      withClient(env, async (client) => {
        const held = await client.call('GET', pathOf`/people/${id}/export`);
        const text = JSON.stringify(held, null, 2);
        if (options.out === undefined) return session.answer(held, () => text);
        writeFileSync(options.out, `${text}\n`, { mode: 0o600 });
        session.answer({ path: options.out }, () => say('exportedTo', { path: options.out ?? '' }));
      }),
    );

  person
    .command('erase')
    .description(say('personErase'))
    .argument('<person>', say('personArgument'))
    .option('--yes', say('yesOption'))
    .action(async (id: string, options: { yes?: boolean }) => {
      if (options.yes !== true && !process.stdin.isTTY) throw usage(say('needsYes'));
      if (options.yes !== true && !(await session.confirm(say('asksErase', { person: id }), false)))
        return session.note(say('nothingDone'));
      await withClient(env, async (client) => {
        const erased = await client.call<{ events: number }>('DELETE', pathOf`/people/${id}`);
        session.answer(erased, () => say('erased', { person: id, events: count(erased.events, lang) }));
      });
    });

  person
    .command('merge')
    .description(say('personMerge'))
    .argument('<from>', say('fromArgument'))
    .argument('<into>', say('intoArgument'))
    .action((from: string, into: string) =>
      withClient(env, async (client) => {
        const merged = await client.call('POST', pathOf`/people/${from}/merge`, { into });
        session.answer(merged, () => say('merged', { from, into }));
      }),
    );
  return person;
}
