// `rekindle audience`: who is where at which ad network?
import { Command } from 'commander';
import type { Audience, audienceInFull } from '../reach/audiences/audiences.service.ts';
import type { SyncResult } from '../reach/audiences/sync.service.ts';
import { pathOf, withClient } from './client.ts';
import { examples } from './examples.ts';
import { count, instant } from './figures.ts';
import { readJsonFile } from './input.ts';
import type { Session } from './session.ts';
import { renderTable } from './table.ts';

type Full = Awaited<ReturnType<typeof audienceInFull>>;

export function audienceCommand(session: Session): Command {
  const { say, env, lang } = session;
  const audience = new Command('audience').description(say('audience'));
  examples(audience, session, [
    'rekindle audience create reach-again.json',
    'rekindle audience sync reach-again',
    'rekindle audience list',
    'rekindle audience show reach-again',
  ]);
  const right = (title: string) => ({ title, align: 'right' }) as const;
  const table = (audiences: readonly Audience[]): string =>
    renderTable(
      [
        { title: say('audienceColumn') },
        { title: say('audienceColumnNetwork') },
        { title: say('audienceColumnUse') },
        right(say('audienceColumnWanted')),
        right(say('audienceColumnIn')),
        right(say('audienceColumnAdd')),
        right(say('audienceColumnRemove')),
      ],
      audiences.map((each) => [
        each.audienceId,
        each.networkLabel[lang],
        say(each.use === 'target' ? 'audienceTarget' : 'audienceExclude'),
        ...[each.people.wanted, each.people.in, each.people.toAdd, each.people.toRemove].map((n) => count(n, lang)),
      ]),
    );
  const remarks = (audiences: readonly Audience[]): readonly string[] =>
    audiences.flatMap((each) => [
      ...(each.warnings.includes('below_minimum')
        ? [say('audienceSmall', { audience: each.audienceId, wanted: each.people.wanted, minimum: each.minimum })]
        : []),
      ...(each.trouble === null
        ? []
        : [
            say('audienceTrouble', { audience: each.audienceId, code: each.trouble.code, detail: each.trouble.detail }),
          ]),
      ...(each.goesOnAt === null
        ? []
        : [say('audienceGoesOn', { audience: each.audienceId, at: instant(each.goesOnAt) })]),
    ]);
  const shown = (audiences: readonly Audience[]): string => [table(audiences), ...remarks(audiences)].join('\n');

  audience
    .command('list')
    .description(say('audienceList'))
    .action(() =>
      withClient(env, async (client) => {
        const answer = await client.call<{ audiences: readonly Audience[] }>('GET', '/audiences');
        session.answer(answer, () =>
          answer.audiences.length === 0
            ? `${say('none')} ${say('moreHelp', { command: 'rekindle audience' })}`
            : shown(answer.audiences),
        );
      }),
    );
  audience
    .command('create')
    .description(say('audienceCreate'))
    .argument('<file>', say('audienceFileArgument'))
    .action(async (path: string) => {
      const body = readJsonFile(path);
      await withClient(env, async (client) => {
        const answer = await client.call<Audience>('POST', '/audiences', body);
        session.answer(answer, () => say('audienceMade', { audience: answer.audienceId }));
      });
    });
  audience
    .command('sync')
    .description(say('audienceSync'))
    .argument('<audience>', say('audienceIdArgument'))
    .action((id: string) =>
      withClient(env, async (client) => {
        const answer = await client.call<SyncResult>('POST', pathOf`/audiences/${id}/sync`);
        session.answer(answer, () =>
          [
            say('audienceSynced', { added: count(answer.added, lang), removed: count(answer.removed, lang) }),
            shown([answer.audience]),
          ].join('\n'),
        );
      }),
    );
  audience
    .command('show')
    .description(say('audienceShow'))
    .argument('<audience>', say('audienceIdArgument'))
    .action((id: string) =>
      withClient(env, async (client) => {
        const answer = await client.call<Full>('GET', pathOf`/audiences/${id}`);
        session.answer(answer, () =>
          [
            shown([answer]),
            ...(answer.reasons.length === 0
              ? []
              : [
                  '',
                  renderTable(
                    [{ title: say('audienceColumnReason') }, right(say('audienceColumnPeople'))],
                    answer.reasons.map((each) => [each.reason, count(each.people, lang)]),
                  ),
                ]),
            ...(answer.batches.length === 0
              ? []
              : [
                  '',
                  renderTable(
                    [
                      { title: say('audienceColumnAction') },
                      right(say('audienceColumnPeople')),
                      { title: say('audienceColumnOutcome') },
                    ],
                    answer.batches.map((each) => [
                      say(each.action === 'add' ? 'audienceAdd' : 'audienceRemove'),
                      count(each.people, lang),
                      [each.outcome, each.isOpen === true ? say('audienceOpen') : null, each.code]
                        .filter((word) => word !== null)
                        .join(' '),
                    ]),
                  ),
                ]),
          ].join('\n'),
        );
      }),
    );
  return audience;
}
