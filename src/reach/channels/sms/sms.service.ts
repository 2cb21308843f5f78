// The SMS way out as a whole: which provider is set, what it pushes, what it is asked. What is saved wins over what the environment
// says, and holds from the next text on.
import { hmacSha256, sameText } from '../../../kernel/hash.ts';
import { RekindleError } from '../../../kernel/errors.ts';
import { isObject } from '../../../kernel/json.ts';
import type { RecordsDb } from '../../../stores/records/records.ts';
import { readSetting } from '../../../stores/records/settings.ts';
import { SECRET_SHOWN, type SecretDates } from '../../connections/kept-secrets.ts';
import { readSecretDates, saveWithSecrets } from '../../connections/secret-settings.service.ts';
import { settledProvider } from '../../connections/settled-provider.service.ts';
import type { Channel } from '../channel.ts';
import type { Outgoing } from '../outgoing.ts';
import type { PushAnswer, PushRequest, SmsProvider } from './provider.ts';
import { optOutOf, parseSmsSettings, withoutSecrets, type SmsSettings } from './settings.ts';
import { finishedSms, type SmsFrame } from './sms-text.ts';
import { forgetTexts, openTexts, takeFates, takeReports, takeTexts, type SmsReplies } from './sms-replies.service.ts';

const SETTING = 'sms';

export type Sms = {
  readonly channel: Channel<Outgoing<'sms'>>;
  /** `sink` while no provider is set. */
  readonly provider: () => string;
  readonly show: () => {
    readonly settings: Readonly<Record<string, unknown>> | undefined;
    readonly hookUrl: string | undefined;
  };
  readonly secretsSince: () => Promise<SecretDates>;
  /** Here, not by the environment. */
  readonly isSaved: () => Promise<boolean>;
  /** How a text to this number begins and ends. */
  readonly frameFor: (phone: string) => SmsFrame;
  /** Saves settings and speaks to their provider from now on; null forgets them, and the environment decides again. Throws `invalid`. */
  readonly change: (input: unknown) => Promise<void>;
  /** Goes by what is stored, whoever saved it. */
  readonly refresh: () => Promise<void>;
  /** Throws `not_found` for a wrong address, `forbidden` for what is not the provider's, `invalid` for what cannot be read. */
  readonly takePush: (
    key: string,
    token: string,
    request: Omit<PushRequest, 'url'> & { readonly search: string },
  ) => Promise<PushAnswer>;
  /** Asks the provider what became of open texts and takes what it keeps for us; forgets what is older than it must be kept. */
  readonly poll: () => Promise<void>;
};

const SECRETS = new Set(['keySecret']);
/** Another provider's secret is none of this one's business. */
const isSameProvider = (input: unknown, before: SmsSettings | undefined): before is SmsSettings =>
  before !== undefined && isObject(input) && input['provider'] === before.provider;

/** The headers of a gateway of one's own are shown as set: those handed back so stay as they are. */
function withKeptHeaders(input: unknown, before: SmsSettings | undefined): unknown {
  if (!isObject(input) || !isObject(input['http']) || before?.provider !== 'http') return input;
  const { headers } = input['http'];
  if (!isObject(headers)) return input;
  const held = before.http.headers;
  return {
    ...input,
    http: {
      ...input['http'],
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [
          name,
          value === SECRET_SHOWN && held[name] !== undefined ? held[name] : value,
        ]),
      ),
    },
  };
}

export async function openSms(options: {
  readonly db: RecordsDb;
  readonly addressSecret: string;
  readonly tokenSecret: string;
  readonly publicUrl: () => string;
  readonly brand: () => string;
  /** What the environment says. */
  readonly environment: SmsSettings | undefined;
  /** Where texts go while no provider is set. */
  readonly unset: Channel<Outgoing<'sms'>>;
  readonly build: (settings: SmsSettings, hookUrl: string) => SmsProvider;
  readonly now: () => Date;
}): Promise<Sms> {
  const { db, now } = options;
  const tokenOf = (key: string): string =>
    hmacSha256(options.tokenSecret, `sms hook ${key}`).subarray(0, 15).toString('base64url');
  const hookUrlOf = (key: string): string => `${options.publicUrl()}/hooks/sms/${key}/${tokenOf(key)}`;
  const held = await settledProvider({
    db,
    setting: SETTING,
    environment: options.environment,
    parse: parseSmsSettings,
    build: (settings) => options.build(settings, hookUrlOf(settings.provider)),
  });

  const frameFor = (phone: string): SmsFrame => ({
    signature: held.current?.settings.signature ?? options.brand(),
    optOut:
      held.current === undefined
        ? phone.startsWith('+86')
          ? '拒收请回复R'
          : 'Reply STOP to opt out'
        : optOutOf(held.current.settings),
    mainland: phone.startsWith('+86'),
  });
  const replies: SmsReplies = {
    db,
    addressSecret: options.addressSecret,
    brand: options.brand,
    reply: async (phone, text) => {
      const reply = held.current?.settings.confirmsStop === true ? held.current.provider.reply : undefined;
      return reply === undefined ? false : (await reply(phone, text)).kind === 'sent';
    },
  };
  const take = async (key: string, pushed: Awaited<ReturnType<SmsProvider['pull']>>): Promise<void> => {
    await takeTexts(replies, key, pushed.inbound, now());
    await takeReports(db, pushed.reports, now());
  };

  return {
    channel: {
      key: 'sms',
      send: (message, signal, mayLeave) =>
        held.current === undefined
          ? options.unset.send(
              {
                ...message,
                fields: { ...message.fields, text: finishedSms(message.fields.text, frameFor(message.address)) },
              },
              signal,
              mayLeave,
            )
          : held.current.provider.channel.send(message, signal, mayLeave),
      closed: () => held.current?.provider.channel.closed?.(),
      close: async () => {
        await held.current?.provider.channel.close();
        await options.unset.close();
      },
    },
    provider: () => held.current?.settings.provider ?? 'sink',
    show: () => ({
      settings: held.current === undefined ? undefined : withoutSecrets(held.current.settings),
      hookUrl: held.current === undefined ? undefined : hookUrlOf(held.current.settings.provider),
    }),
    secretsSince: () => readSecretDates(db, SETTING),
    isSaved: async () => isObject(await readSetting(db, SETTING)),
    frameFor,
    change: async (input) => {
      const known = held.current?.settings;
      const same = isSameProvider(input, known) ? known : undefined;
      await saveWithSecrets(
        db,
        SETTING,
        { input: withKeptHeaders(input, same), before: same, secrets: SECRETS, parse: parseSmsSettings },
        now(),
      );
      await held.refresh();
    },
    refresh: held.refresh,
    takePush: async (key, token, { search, ...request }) => {
      const set = held.current;
      if (set === undefined || set.settings.provider !== key || !sameText(token, tokenOf(key)))
        throw new RekindleError('not_found', { what: { en: 'such a hook', zh: '这个回调地址' } });
      const read = set.provider.read({ ...request, url: `${hookUrlOf(key)}${search}` }, now());
      if (!read.ok) {
        if (read.error === 'not_authentic') throw new RekindleError('forbidden');
        throw new RekindleError('invalid', {
          where: 'body',
          what: { en: `not what ${key} pushes`, zh: `不是 ${key} 推送的格式` },
        });
      }
      await take(key, read.value);
      return read.value.answer;
    },
    poll: async () => {
      await forgetTexts(db, held.current?.settings.recordMonths ?? 12, now());
      if (held.current === undefined) return;
      const { provider, settings } = held.current;
      await take(settings.provider, await provider.pull());
      const asked = await openTexts(db, now());
      if (asked.length > 0) await takeFates(db, await provider.ask(asked), now());
    },
  };
}
