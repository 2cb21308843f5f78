// `rekindle send-test`: the first real mail of an installation, to oneself.
import { Command } from 'commander';
import type { Business } from '../kernel/business.ts';
import type { Text } from '../kernel/lang.ts';
import { withClient, type Client } from './client.ts';
import { examples } from './examples.ts';
import { reasonText } from './figures.ts';
import { usage, type Session } from './session.ts';
import { renderPairs } from './table.ts';

type Options = {
  readonly template?: string;
  readonly name?: string;
  readonly mailLang?: string;
  readonly brand?: string;
  readonly address?: string;
  readonly website?: string;
  readonly from?: string;
  readonly channel?: string;
};

type Answer = {
  readonly state: string;
  readonly code: string | null;
  readonly detail: string | null;
  readonly advice: Text | null;
  readonly server: string;
  readonly isPreview: boolean;
  readonly from: string;
  readonly postalAddress: string;
  readonly publicUrl: string;
};

const profileOf = ({ brand, address, website, from }: Options): Partial<Business> =>
  Object.fromEntries(
    Object.entries({ brand, postalAddress: address, websiteUrl: website, fromAddress: from }).filter(
      ([, value]) => value !== undefined,
    ),
  );

type ChannelTested = {
  readonly outcome: {
    readonly kind: 'sent' | 'rejected' | 'deferred' | 'unavailable' | 'unknown';
    readonly code?: string;
    readonly detail?: string;
  };
  readonly via: string;
};

/** What became of a test on another channel. */
function testedScreen({ say, paint }: Session, to: string, { outcome, via }: ChannelTested): string {
  if (outcome.kind === 'unknown') return paint.warn(say('sendTestUnknown', { server: via }));
  if (outcome.kind !== 'sent')
    return paint.bad(say('sendTestNotSent', { to, why: [outcome.code, outcome.detail].filter(Boolean).join(': ') }));
  return via === 'sink' ? paint.warn(say('sendTestSunk')) : paint.good(say('sendTestSent', { to, server: via }));
}

/** One marked test on any channel: of our own words, or of a template. It is no message of the ledger. */
async function testChannel(client: Client, to: string, lang: string, channel: string, template: string | undefined) {
  if (template === undefined)
    return client.call<ChannelTested>('POST', `/channels/${encodeURIComponent(channel)}/test`, { to, lang });
  return client.call<ChannelTested>('POST', '/templates/test-send', { templateId: template, channel, to, lang });
}

function screenOf({ say, lang, paint }: Session, to: string, answer: Answer): string {
  const { state, server, publicUrl } = answer;
  const why = [answer.detail ?? (answer.code === null ? state : reasonText(answer.code, lang)), answer.advice?.[lang]]
    .filter(Boolean)
    .join('\n');
  if (state === 'unknown') return paint.warn(say('sendTestUnknown', { server }));
  if (state !== 'sent') return paint.bad(say('sendTestNotSent', { to, why }));
  if (answer.isPreview) return paint.warn(say('sendTestPreview'));
  const isHere = !publicUrl.startsWith('https://');
  return [
    paint.good(say('sendTestSent', { to, server })),
    '',
    renderPairs([
      [say('sendTestFrom'), answer.from],
      [say('sendTestPostal'), answer.postalAddress],
      [say('sendTestConsent'), say('sendTestConsentText')],
      [
        say('sendTestUnsubscribe'),
        say(isHere ? 'sendTestUnsubscribeHere' : 'sendTestUnsubscribeAt', { url: publicUrl }),
      ],
    ]),
  ].join('\n');
}

export function sendTestCommand(session: Session): Command {
  const { say, env, lang } = session;
  const command = new Command('send-test')
    .description(say('sendTest'))
    .argument('<address>', say('sendTestArgument'))
    .option('--template <id>', say('sendTestTemplate'))
    .option('--name <first name>', say('sendTestName'))
    .option('--mail-lang <lang>', say('sendTestMailLang'))
    .option('--channel <channel>', say('sendTestChannel'))
    .option('--brand <name>', say('brandOption'))
    .option('--address <text>', say('addressOption'))
    .option('--website <url>', say('websiteOption'))
    .option('--from <email>', say('fromOption'))
    .action((to: string, options: Options) =>
      withClient(env, async (client) => {
        const language = options.mailLang ?? lang;
        if (language !== 'en' && language !== 'zh') throw usage(say('sendTestMailLangWrong', { lang: language }));
        const profile = profileOf(options);
        if (Object.keys(profile).length > 0) await client.call('PATCH', '/business', profile);
        if (options.channel !== undefined) {
          const tested = await testChannel(client, to, language, options.channel, options.template);
          session.answer(tested, () => testedScreen(session, to, tested));
          if (tested.outcome.kind !== 'sent') process.exitCode = 5;
          return;
        }
        const answer = await client.call<Answer>('POST', '/channels/email/first-mail', {
          to,
          language,
          ...(options.template === undefined ? {} : { templateId: options.template }),
          ...(options.name === undefined ? {} : { firstName: options.name }),
        });
        session.answer(answer, () => screenOf(session, to, answer));
        if (answer.state !== 'sent') process.exitCode = 5;
      }),
    );
  examples(command, session, [
    'rekindle send-test you@example.com --brand "Lumen Goods" --address "1 Main Street, 12345 Town" --website https://lumen.example --from you@example.com',
    'rekindle send-test you@example.com --template question --name Mia',
    'rekindle send-test 42 --channel app_push',
  ]);
  return command;
}
