// The e-mail way out as a whole: SMTP, or the provider that is set, and what it reports. What is saved wins over what the environment says, and
// holds from the next mail on. Guarantees: a report is taken only when it is proved to be the provider's; the same report twice changes nothing.
import { hmacSha256, sameText } from '../../../../kernel/hash.ts';
import { RekindleError } from '../../../../kernel/errors.ts';
import type { RecordsDb } from '../../../../stores/records/records.ts';
import { readSetting } from '../../../../stores/records/settings.ts';
import { isObject } from '../../../../kernel/json.ts';
import type { SecretDates } from '../../../connections/kept-secrets.ts';
import { readSecretDates, saveWithSecrets } from '../../../connections/secret-settings.service.ts';
import { settledProvider } from '../../../connections/settled-provider.service.ts';
import { brakedChannel } from '../../braked-channel.ts';
import type { Channel } from '../../channel.ts';
import type { MailToSend } from '../mime.ts';
import { takeMailReports } from './mail-reports.service.ts';
import type { HookRequest, MailProviderOptions } from './provider.ts';
import { mailProvider } from './providers.ts';
import { MAIL_SECRETS, parseMailProvider, shownSettings, smtpUrlOf, type MailProviderSettings } from './settings.ts';

const SETTING = 'email';

export type MailOut = {
  readonly channel: Channel<MailToSend>;
  /** `smtp` while no provider is set. */
  readonly provider: () => string;
  /** False while the environment's mail server, or the preview mailbox, takes everything. */
  readonly isSet: () => boolean;
  /** Of a mail server that is set here. */
  readonly smtpUrl: () => string | undefined;
  readonly secretsSince: () => Promise<SecretDates>;
  /** Here, not by the environment. */
  readonly isSaved: () => Promise<boolean>;
  readonly show: () => {
    readonly settings: Readonly<Record<string, unknown>> | undefined;
    readonly hookUrl: string | undefined;
  };
  /** Saves settings and hands over to their provider from now on; null forgets them, and the environment decides again. Throws `invalid`. */
  readonly change: (input: unknown) => Promise<void>;
  /** Goes by what is stored, whoever saved it. */
  readonly refresh: () => Promise<void>;
  /** Throws `not_found` for a wrong address, `hook_forged` or `hook_too_old` for what is not proved, `invalid` for what cannot be read. */
  readonly takeHook: (key: string, token: string, request: HookRequest) => Promise<number>;
};

export async function openMailOut(options: {
  readonly db: RecordsDb;
  readonly publicUrl: () => string;
  /** What the environment says. */
  readonly environment: MailProviderSettings | undefined;
  /** Where mail goes while no provider is set. */
  readonly smtp: Channel<MailToSend>;
  readonly provided: MailProviderOptions;
}): Promise<MailOut> {
  const { db, smtp, provided } = options;
  const tokenOf = (key: string): string =>
    hmacSha256(provided.secret, `mail hook ${key}`).subarray(0, 15).toString('base64url');
  const hookUrlOf = (key: string): string => `${options.publicUrl()}/hooks/email/${key}/${tokenOf(key)}`;
  const held = await settledProvider({
    db,
    setting: SETTING,
    environment: options.environment,
    parse: parseMailProvider,
    build: (settings) => {
      const provider = mailProvider(settings, provided);
      // Refusals of the sender are the guard's to watch over.
      return { ...provider, channel: brakedChannel(provider.channel, { now: provided.now, guarded: true }) };
    },
  });

  return {
    channel: {
      key: 'email',
      send: (mail, signal, mayLeave) => (held.current?.provider.channel ?? smtp).send(mail, signal, mayLeave),
      closed: () => (held.current?.provider.channel ?? smtp).closed?.(),
      close: async () => {
        await held.current?.provider.channel.close();
        await smtp.close();
      },
    },
    provider: () => held.current?.settings.provider ?? 'smtp',
    isSet: () => held.current !== undefined,
    smtpUrl: () => (held.current?.settings.provider === 'smtp' ? smtpUrlOf(held.current.settings) : undefined),
    secretsSince: () => readSecretDates(db, SETTING),
    isSaved: async () => isObject(await readSetting(db, SETTING)),
    show: () => ({
      settings: held.current === undefined ? undefined : shownSettings(held.current.settings),
      hookUrl:
        held.current === undefined || held.current.settings.provider === 'smtp'
          ? undefined
          : hookUrlOf(held.current.settings.provider),
    }),
    change: async (input) => {
      const before = held.current?.settings;
      // Another provider's secret is none of this one's business.
      const isSame = isObject(input) && input['provider'] === before?.provider;
      await saveWithSecrets(
        db,
        SETTING,
        { input, before: isSame ? before : undefined, secrets: MAIL_SECRETS, parse: parseMailProvider },
        provided.now(),
      );
      await held.refresh();
    },
    refresh: held.refresh,
    takeHook: async (key, token, request) => {
      const set = held.current;
      if (set === undefined || set.settings.provider !== key || !sameText(token, tokenOf(key)))
        throw new RekindleError('not_found', { what: { en: 'such a hook', zh: '这个回调地址' } });
      const now = provided.now();
      const read = await set.provider.read(request, now);
      if (read.ok) return takeMailReports(db, key, read.value, now);
      switch (read.error) {
        case 'not_authentic':
          throw new RekindleError('hook_forged', { provider: key });
        case 'too_old':
          throw new RekindleError('hook_too_old', { provider: key });
        case 'unproven':
          throw new RekindleError('hook_unproven', { provider: key });
        case 'unreadable':
          throw new RekindleError('invalid', {
            where: 'body',
            what: { en: `not what ${key} reports`, zh: `不是 ${key} 回执的格式` },
          });
      }
    },
  };
}
