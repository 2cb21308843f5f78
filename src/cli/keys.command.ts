// `rekindle keys`: make, list and revoke the keys that programs use.
import { Command } from 'commander';
import type { KeyKind } from '../collect/keys.service.ts';
import { pathOf, withClient } from './client.ts';
import { examples } from './examples.ts';
import { instant } from './figures.ts';
import { usage, type Session } from './session.ts';
import { renderTable } from './table.ts';

type KeyJson = { keyId: string; kind: KeyKind; label: string; createdAt: string; revokedAt: string | null };

export function keysCommand(session: Session): Command {
  const { say, env } = session;
  const keys = new Command('keys').description(say('keys'));
  examples(keys, session, [
    'rekindle keys create write --label "web shop"',
    'rekindle keys list',
    'rekindle keys revoke key_…',
  ]);

  keys
    .command('create')
    .description(say('keysCreate'))
    .argument('<kind>', say('kindArgument'))
    .option('--label <text>', say('labelOption'), '')
    .action(async (kind: string, options: { label: string }) => {
      if (kind !== 'write' && kind !== 'secret') throw usage(say('wrongKind', { kind }));
      await withClient(env, async (client) => {
        const made = await client.call<{ keyId: string; key: string }>('POST', '/keys', { kind, label: options.label });
        session.answer(made, () => `${say('keyCreated', { kind, id: made.keyId })}\n${made.key}`);
      });
    });

  keys
    .command('list')
    .description(say('keysList'))
    .action(() =>
      withClient(env, async (client) => {
        const listed = await client.call<{ keys: readonly KeyJson[] }>('GET', '/keys');
        session.answer(listed, () =>
          listed.keys.length === 0
            ? say('none')
            : renderTable(
                (['columnKey', 'columnKind', 'columnLabel', 'columnCreated', 'columnRevoked'] as const).map((word) => ({
                  title: say(word),
                })),
                listed.keys.map((key) => [
                  key.keyId,
                  key.kind,
                  key.label,
                  instant(key.createdAt),
                  key.revokedAt === null ? '' : instant(key.revokedAt),
                ]),
                session.paint.dim,
              ),
        );
      }),
    );

  keys
    .command('revoke')
    .description(say('keysRevoke'))
    .argument('<key>', say('keyArgument'))
    .action((id: string) =>
      withClient(env, async (client) => {
        const revoked = await client.call('DELETE', pathOf`/keys/${id}`);
        session.answer(revoked, () => say('keyRevoked', { id }));
      }),
    );
  return keys;
}
