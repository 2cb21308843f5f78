// `rekindle segment`: who is meant?
import { dayText } from '../kernel/days.ts';
import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { Command } from 'commander';
import { isObject } from '../kernel/json.ts';
import type { Text } from '../kernel/lang.ts';
import type { SegmentCount, SegmentExample, SegmentExplanation } from '../understand/segments/questions.service.ts';
import type { SavedSegment, Snapshot } from '../understand/segments/segments.service.ts';
import { pathOf, withClient, type Client } from './client.ts';
import { examples } from './examples.ts';
import { count } from './figures.ts';
import { readJsonFile, wholeNumber } from './input.ts';
import { usage, type Session } from './session.ts';
import { renderTable, shortened } from './table.ts';

type AskOptions = { readonly policy?: string; readonly asOf?: string; readonly allowUnseen?: boolean };
type Question = {
  readonly segment: unknown;
  readonly policyId?: unknown;
  readonly asOf?: unknown;
  readonly allowUnseen?: unknown;
};

const WORDS_WIDTH = 80;

/** A file holds a tree or a definition with one in it; anything else is the id of a saved segment. */
async function meant(client: Client, name: string, options: AskOptions): Promise<Question> {
  const asked = {
    ...(options.policy === undefined ? {} : { policyId: options.policy }),
    ...(options.asOf === undefined ? {} : { asOf: options.asOf }),
    ...(options.allowUnseen === true ? { allowUnseen: true } : {}),
  };
  if (name.endsWith('.json') || existsSync(name)) {
    const file = readJsonFile(name);
    if (!isObject(file) || !('segment' in file)) return { segment: file, ...asked };
    const { segment, policyId, allowUnseen } = file;
    return {
      segment,
      ...(policyId === undefined ? {} : { policyId }),
      ...(allowUnseen === undefined ? {} : { allowUnseen }),
      ...asked,
    };
  }
  const { segment, policyId } = await client.call<Pick<SavedSegment, 'segment' | 'policyId'>>(
    'GET',
    pathOf`/segments/${name}`,
  );
  return { segment, ...(policyId === null ? {} : { policyId }), allowUnseen: true, ...asked };
}

export function segmentCommand(session: Session): Command {
  const { say, env, lang } = session;
  const segment = new Command('segment').description(say('segment'));
  examples(segment, session, [
    'rekindle segment count loyal-but-quiet.json',
    'rekindle segment explain loyal-but-quiet.json --policy shop',
    'rekindle segment create loyal-but-quiet.json',
    'rekindle segment list',
    'rekindle segment snapshot loyal-but-quiet',
    'rekindle segment export loyal-but-quiet --format csv --out people.csv',
  ]);
  const asking = (name: string, description: string): Command =>
    segment
      .command(name)
      .description(description)
      .argument('<segment>', say('segmentOrFileArgument'))
      .option('--policy <policy>', say('segmentPolicyOption'))
      .option('--as-of <day>', say('asOfOption'))
      .option('--allow-unseen', say('segmentUnseenOption'));
  const right = (title: string) => ({ title, align: 'right' }) as const;
  const counted = (answer: {
    readonly people: number;
    readonly of?: number;
    readonly asOf: string;
    readonly words: Text;
  }) => [
    answer.words[lang],
    '',
    say('segmentCounted', {
      people: count(answer.people, lang),
      of: count(answer.of ?? answer.people, lang),
      day: dayText(answer.asOf, lang),
    }),
  ];

  segment
    .command('list')
    .description(say('segmentList'))
    .action(() =>
      withClient(env, async (client) => {
        const listed = await client.call<{ segments: readonly SavedSegment[] }>('GET', '/segments');
        session.answer(listed, () =>
          listed.segments.length === 0
            ? `${say('none')} ${say('moreHelp', { command: 'rekindle segment' })}`
            : renderTable(
                [
                  { title: say('segmentColumn') },
                  right(say('columnVersion')),
                  right(say('segmentColumnMembers')),
                  { title: say('columnName2') },
                  { title: say('segmentColumnWords') },
                ],
                listed.segments.map((each) => [
                  each.segmentId,
                  String(each.version),
                  each.members === null ? '–' : count(each.members.people, lang),
                  each.name,
                  shortened(each.words[lang], WORDS_WIDTH),
                ]),
              ),
        );
      }),
    );

  asking('count', say('segmentCount')).action((name: string, options: AskOptions) =>
    withClient(env, async (client) => {
      const answer = await client.call<SegmentCount>('POST', '/segments/count', await meant(client, name, options));
      session.answer(answer, () => counted(answer).join('\n'));
    }),
  );

  asking('explain', say('segmentExplain')).action((name: string, options: AskOptions) =>
    withClient(env, async (client) => {
      const answer = await client.call<SegmentExplanation>(
        'POST',
        '/segments/explain',
        await meant(client, name, options),
      );
      session.answer(answer, () =>
        [
          answer.words[lang],
          '',
          renderTable(
            [right(say('segmentColumnMembers')), { title: say('segmentColumnWords') }],
            [
              ...answer.conditions.map((each) => [count(each.people, lang), each.words[lang]]),
              [count(answer.people, lang), '='],
            ],
          ),
        ].join('\n'),
      );
    }),
  );

  asking('examples', say('segmentExamples'))
    .option('--limit <count>', say('segmentLimitOption'), '10')
    .action(async (name: string, options: AskOptions & { readonly limit: string }) => {
      const limit = wholeNumber(session, '--limit', options.limit);
      await withClient(env, async (client) => {
        const answer = await client.call<{ examples: readonly SegmentExample[] }>('POST', '/segments/examples', {
          ...(await meant(client, name, options)),
          limit,
        });
        session.answer(answer, () =>
          answer.examples.length === 0
            ? say('none')
            : renderTable(
                [
                  { title: say('segmentColumnPerson') },
                  { title: say('segmentColumnFirstName') },
                  { title: say('segmentColumnEmail') },
                ],
                answer.examples.map((each) => [each.personId, each.firstName ?? '', each.email ?? '']),
              ),
        );
      });
    });

  asking('export', say('segmentExport'))
    .option('--format <format>', say('segmentFormatOption'), 'ndjson')
    .option('--out <file>', say('segmentOutOption'))
    .action(async (name: string, options: AskOptions & { readonly format: string; readonly out?: string }) => {
      if (options.format !== 'ndjson' && options.format !== 'csv')
        throw usage(say('segmentBadFormat', { value: options.format }));
      const isCsv = options.format === 'csv';
      await withClient(env, async (client) => {
        const asked = await meant(client, name, options);
        const file = options.out === undefined ? undefined : openSync(options.out, 'w');
        const write = (text: string): void => {
          if (file === undefined) process.stdout.write(text);
          else writeSync(file, text);
        };
        let people = 0;
        try {
          if (isCsv) write('person_id\r\n');
          await client.follow('POST', '/segments/members', asked, (line) => {
            const { personId } = line as { readonly personId: string };
            people++;
            const cell = /[",\r\n]/.test(personId) ? `"${personId.replaceAll('"', '""')}"` : personId;
            write(isCsv ? `${cell}\r\n` : `${JSON.stringify({ personId })}\n`);
          });
        } finally {
          if (file !== undefined) closeSync(file);
        }
        session.note(say('segmentExported', { people: count(people, lang) }));
      });
    });

  const saved = (answer: SavedSegment): void =>
    session.answer(answer, () =>
      [say('segmentSaved', { segment: answer.segmentId, version: answer.version }), answer.words[lang]].join('\n'),
    );

  segment
    .command('create')
    .description(say('segmentCreate'))
    .argument('<file>', say('segmentFileArgument'))
    .action(async (path: string) => {
      const body = readJsonFile(path);
      await withClient(env, async (client) => saved(await client.call<SavedSegment>('POST', '/segments', body)));
    });

  segment
    .command('change')
    .description(say('segmentChange'))
    .argument('<segment>', say('segmentIdArgument'))
    .argument('<file>', say('segmentChangeArgument'))
    .action(async (id: string, path: string) => {
      const body = readJsonFile(path);
      await withClient(env, async (client) =>
        saved(await client.call<SavedSegment>('PATCH', pathOf`/segments/${id}`, body)),
      );
    });

  segment
    .command('snapshot')
    .description(say('segmentSnapshot'))
    .argument('<segment>', say('segmentIdArgument'))
    .action((id: string) =>
      withClient(env, async (client) => {
        const answer = await client.call<Snapshot>('POST', pathOf`/segments/${id}/snapshots`);
        session.answer(answer, () =>
          say('segmentFrozen', { snapshot: answer.snapshotId, people: count(answer.people, lang) }),
        );
      }),
    );

  segment
    .command('delete')
    .description(say('segmentDelete'))
    .argument('<segment>', say('segmentIdArgument'))
    .action((id: string) =>
      withClient(env, async (client) => {
        const answer = await client.call('DELETE', pathOf`/segments/${id}`);
        session.answer(answer, () => say('segmentDeleted', { segment: id }));
      }),
    );
  return segment;
}
