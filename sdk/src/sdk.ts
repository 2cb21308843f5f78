// The browser SDK: who is on the page, what she does, and the messages meant for her. Guarantees: before consent, when told to wait for it,
// nothing is stored and nothing is sent; a call survives being offline; the page never sees an error of ours.
import { showMessage, type Shown } from './display.ts';
import type { InAppMessage, InAppSurvey } from './message.ts';
import { subscribePush, unsubscribePush, type PushAnswer } from './push.ts';
import { openQueue, type Queue } from './queue.ts';
import { openStorage, PREFIX, uuid } from './storage.ts';

export type { InAppAction, InAppMessage, InAppSurvey } from './message.ts';
export type { PushAnswer } from './push.ts';

export type Fields = Readonly<Record<string, unknown>>;
/** A person token, or what fetches a fresh one from the shop's own server. */
export type PersonToken = string | (() => Promise<string>);

export type RekindleOptions = {
  readonly writeKey: string;
  /** Where Rekindle runs, e.g. `https://r.example.com`. */
  readonly host: string;
  /** `pending`: store and send nothing until `consent(true)`. A consent given on an earlier visit still counts. */
  readonly consent?: 'granted' | 'pending';
  /** Record a page at start and at every change of address. Default true. */
  readonly autoPage?: boolean;
  /** Without one there is no inbox: nobody may read a person's messages by her id alone. */
  readonly token?: PersonToken;
  /** Show messages by ourselves. Default true; false leaves it to `inbox()`. */
  readonly showMessages?: boolean;
  /** The page's own service worker for web push. Default `/rekindle-sw.js`. */
  readonly workerUrl?: string;
};

export type Rekindle = {
  readonly identify: (userId: string, traits?: Fields) => void;
  readonly track: (event: string, properties?: Fields) => void;
  readonly page: (name?: string, properties?: Fields) => void;
  readonly group: (groupId: string, traits?: Fields) => void;
  readonly alias: (userId: string, previousId?: string) => void;
  /** Signed out: a new anonymous person from here on. */
  readonly reset: () => void;
  /** False forgets everything stored in this browser and stops, in every tab; a later visit begins only with `true`. */
  readonly consent: (isGiven: boolean) => void;
  readonly token: (token: PersonToken | undefined) => void;
  /** What waits for the person, the most urgent first; empty without a token. */
  readonly inbox: () => Promise<readonly InAppMessage[]>;
  /** Asks the inbox and shows its first message, one a page at most. */
  readonly checkInbox: () => Promise<void>;
  /** With the version of the text she agreed to, the consent is recorded too; that takes a person token. */
  readonly enablePush: (consentTextVersion?: string) => Promise<PushAnswer>;
  readonly disablePush: () => Promise<void>;
  readonly anonymousId: () => string | undefined;
  /** Resolves when everything was sent or could not be. */
  readonly flush: () => Promise<void>;
};

const VERSION = '1';
const CLOSED_KEPT = 50;

/** One for each shop of a page, however often it is made: two would count everything twice. */
type Made = Record<string, Rekindle | undefined>;
const MADE = Symbol.for('rekindle');
const made = ((globalThis as { [MADE]?: Made })[MADE] ??= {});

/** Hash routers put their path behind `#/` or `#!`; any other fragment is a place on the same page. */
const addressNow = (): string =>
  location.pathname + location.search + (/^#[/!]/.test(location.hash) ? location.hash : '');

export function createRekindle(options: RekindleOptions): Rekindle {
  const host = options.host.replace(/\/$/, '');
  const { writeKey } = options;
  const known = made[`${host} ${writeKey}`];
  if (known) {
    if (options.token) known.token(options.token);
    return known;
  }
  const storage = openStorage();
  const isAgreed = (): boolean => {
    const said = storage.get('consent');
    return said ? said === '1' : options.consent !== 'pending';
  };
  let isAllowed = isAgreed();
  let queue: Queue | undefined;
  let heldIdentity: (() => void) | undefined;
  let token = options.token;
  let address = '';
  let referrer = document.referrer;
  let shown: Shown | undefined;
  let shownOn = '';
  let lastMs = 0;

  const anonymousId = (): string => {
    const id = storage.get('anonymous') ?? uuid();
    storage.set('anonymous', id);
    return id;
  };
  const who = (): Fields => {
    const userId = storage.get('user');
    return { anonymousId: anonymousId(), ...(userId ? { userId } : {}) };
  };
  const pageFields = (): Fields => ({
    path: location.pathname,
    url: location.href,
    search: location.search,
    title: document.title,
    referrer,
  });
  const send = (type: string, fields: Fields): void => {
    if (!isAllowed || !queue) return;
    // Calls of one moment keep their order.
    lastMs = Math.max(Date.now(), lastMs + 1);
    queue.add({
      type,
      messageId: uuid(),
      timestamp: new Date(lastMs).toISOString(),
      ...who(),
      ...fields,
      context: {
        library: { name: 'rekindle.js', version: VERSION },
        locale: navigator.language,
        timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
        page: pageFields(),
      },
    });
  };

  const bearer = async (): Promise<string | undefined> => (typeof token === 'function' ? token() : token);
  const closed = (): string[] => (storage.get('closed') ?? '').split(' ').filter(Boolean);
  /** The question of a message that asks one; null when it is over, and with it the message. */
  const surveyOf = async ({ surveyPath }: InAppMessage): Promise<InAppSurvey | null | undefined> => {
    if (!surveyPath) return undefined;
    try {
      const response = await fetch(host + surveyPath, { credentials: 'omit' });
      return response.ok ? ((await response.json()) as InAppSurvey) : null;
    } catch {
      return null;
    }
  };
  const show = (message: InAppMessage, survey: InAppSurvey | undefined): void => {
    shownOn = addressNow();
    shown = showMessage(message, host, survey, (what) => {
      if (what !== 'Seen') {
        shown = undefined;
        storage.set('closed', [...closed(), message.messageId].slice(-CLOSED_KEPT).join(' '));
      }
      if (message.isTest) return;
      const { messageId: message_id, receipt } = message;
      send('track', { event: `In-App Message ${what}`, properties: { message_id, receipt } });
      if (what !== 'Seen') void queue?.flush(true);
    });
  };

  const sdk: Rekindle = {
    identify: (userId, traits = {}) => {
      if (!isAllowed) {
        heldIdentity = () => sdk.identify(userId, traits);
        return;
      }
      storage.set('user', userId);
      send('identify', { traits });
      void sdk.checkInbox();
    },
    track: (event, properties = {}) => send('track', { event, properties }),
    page: (name, properties = {}) => {
      address = addressNow();
      send('page', { ...(name ? { name } : {}), properties: { ...pageFields(), ...properties } });
      referrer = location.href;
    },
    group: (groupId, traits = {}) => send('group', { groupId, traits }),
    alias: (userId, previousId) => {
      if (!isAllowed) return;
      const previous = previousId ?? storage.get('user') ?? anonymousId();
      storage.set('user', userId);
      send('alias', { userId, previousId: previous });
    },
    reset: () => {
      heldIdentity = undefined;
      token = undefined;
      away();
      for (const name of ['user', 'anonymous', 'closed']) storage.remove(name);
    },
    consent: (isGiven) => {
      if (isGiven && !isAllowed) {
        isAllowed = true;
        storage.set('consent', '1');
        queue ??= openQueue(storage, host, writeKey);
        heldIdentity?.();
        heldIdentity = undefined;
        begin();
      } else if (!isGiven) {
        stop();
        storage.names('').forEach(storage.remove);
        // Where nobody waits for a yes, the no has to be remembered.
        if (options.consent !== 'pending') storage.set('consent', '0');
      }
    },
    token: (given) => {
      token = given;
      void sdk.checkInbox();
    },
    inbox: async () => {
      if (!isAllowed || !token) return [];
      try {
        const headers = { Authorization: `Bearer ${await bearer()}` };
        const response = await fetch(`${host}/v1/inbox`, { headers, credentials: 'omit', cache: 'no-store' });
        if (!response.ok) return [];
        const { messages } = (await response.json()) as { readonly messages: readonly InAppMessage[] };
        const gone = closed();
        return messages.filter(({ messageId }) => !gone.includes(messageId));
      } catch {
        return [];
      }
    },
    checkInbox: async () => {
      const here = addressNow();
      if (options.showMessages === false || shown || shownOn === here) return;
      for (const message of await sdk.inbox()) {
        const survey = await surveyOf(message);
        if (survey === null) continue;
        // While we asked, she may have gone elsewhere, or another answer may have come first.
        if (isAllowed && !shown && shownOn !== here && addressNow() === here) show(message, survey);
        return;
      }
    },
    enablePush: async (consentTextVersion) => {
      if (!isAllowed) return 'denied';
      return subscribePush(pushSetup(), consentTextVersion);
    },
    disablePush: () => unsubscribePush(pushSetup()),
    anonymousId: () => (isAllowed ? anonymousId() : undefined),
    flush: async () => queue?.flush(),
  };
  const pushSetup = () => ({
    host,
    writeKey,
    workerUrl: options.workerUrl ?? '/rekindle-sw.js',
    who,
    personToken: bearer,
  });

  const away = (): void => {
    shown?.remove();
    shown = undefined;
  };
  const stop = (): void => {
    isAllowed = false;
    heldIdentity = undefined;
    queue?.clear();
    away();
  };

  const begin = (): void => {
    // What an earlier page could not send goes now.
    queue ??= openQueue(storage, host, writeKey);
    if (options.autoPage !== false) sdk.page();
    void sdk.checkInbox();
  };
  const moved = (): void => {
    // The router sets the title after the address.
    setTimeout(() => {
      if (addressNow() === address) return;
      address = addressNow();
      if (isAllowed) begin();
    });
  };
  for (const method of ['pushState', 'replaceState'] as const) {
    const original = history[method].bind(history);
    history[method] = (...change) => {
      original(...change);
      moved();
    };
  }
  addEventListener('popstate', moved);
  // What she refuses in one tab is refused in all.
  addEventListener('storage', ({ key }) => {
    if (isAllowed && (!key || key === `${PREFIX}consent`) && !isAgreed()) stop();
  });
  address = addressNow();
  made[`${host} ${writeKey}`] = sdk;
  if (isAllowed) begin();
  return sdk;
}
