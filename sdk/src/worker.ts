// The service worker's half of web push: shows what arrives, opens what is tapped, and reports both. A page without a worker of its own
// serves one line, `importScripts('https://<server>/sw.js')`; the SDK registers it with the server's address and the write key.
import type { PushPayload } from './push-payload.ts';

declare const self: WorkerScope;

// The DOM library and the worker library cannot be loaded together; this is the part of the latter that is used here.
type Waitable = Event & { readonly waitUntil: (work: Promise<unknown>) => void };
type Tab = { readonly url: string; readonly focus: () => Promise<unknown> };
type Events = {
  readonly push: Waitable & { readonly data: { readonly json: () => unknown } | null };
  readonly notificationclick: Waitable & { readonly notification: Notification };
  readonly notificationclose: Waitable & { readonly notification: Notification };
  readonly pushsubscriptionchange: Waitable & { readonly oldSubscription: PushSubscription | null };
  readonly install: Waitable;
  readonly activate: Waitable;
};
type WorkerScope = {
  readonly location: Location;
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    readonly claim: () => Promise<void>;
    readonly matchAll: (options: {
      readonly type: 'window';
      readonly includeUncontrolled: true;
    }) => Promise<readonly Tab[]>;
    readonly openWindow: (url: string) => Promise<unknown>;
  };
  readonly skipWaiting: () => Promise<void>;
  readonly addEventListener: <Name extends keyof Events>(name: Name, run: (event: Events[Name]) => void) => void;
};

const given = new URLSearchParams(self.location.search);
const host = given.get('host') ?? self.location.origin;
const writeKey = given.get('writeKey');

const post = (path: string, body: object): Promise<unknown> =>
  fetch(host + path, {
    method: 'POST',
    body: JSON.stringify({ writeKey, ...body }),
    headers: { 'Content-Type': 'text/plain' },
    credentials: 'omit',
    keepalive: true,
  }).catch(() => undefined);

const report = (
  what: 'Received' | 'Tapped' | 'Dismissed',
  { messageId, receipt, userId }: PushPayload,
): Promise<unknown> =>
  post('/v1/t', {
    event: `Push Notification ${what}`,
    // The same thing told twice is one event.
    messageId: `${messageId}:${what}`,
    userId,
    timestamp: new Date().toISOString(),
    properties: { message_id: messageId, receipt },
    // A notification that arrives, or is swept away, is not a person who came.
    context: { active: what === 'Tapped' },
  });

self.addEventListener('install', (event) => event.waitUntil(self.skipWaiting()));
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  const payload = event.data?.json() as PushPayload | undefined;
  if (!payload) return;
  const { title, body, lang, tag } = payload;
  const shown = self.registration.showNotification(title, {
    body,
    data: payload,
    ...(payload.image ? { image: payload.image, icon: payload.image } : {}),
    ...(lang ? { lang } : {}),
    ...(tag ? { tag } : {}),
  });
  event.waitUntil(Promise.all([shown, report('Received', payload)]));
});

self.addEventListener('notificationclick', (event) => {
  const payload = event.notification.data as PushPayload;
  event.notification.close();
  const open = async (): Promise<void> => {
    const tabs = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
    const tab = tabs.find(({ url }) => url === payload.url);
    await (tab ? tab.focus() : self.clients.openWindow(payload.url));
  };
  event.waitUntil(Promise.all([open(), report('Tapped', payload)]));
});

self.addEventListener('notificationclose', (event) =>
  event.waitUntil(report('Dismissed', event.notification.data as PushPayload)),
);

// The browser changed the address of this subscription: the server must know the new one, and whose it was.
self.addEventListener('pushsubscriptionchange', (event) => {
  const { oldSubscription: old } = event;
  if (!old) return;
  const renew = async (): Promise<void> => {
    const { applicationServerKey } = old.options;
    const options = { userVisibleOnly: true, ...(applicationServerKey ? { applicationServerKey } : {}) };
    const subscription = await self.registration.pushManager.subscribe(options);
    await post('/v1/endpoints', { kind: 'web_push', replaces: old.endpoint, subscription: subscription.toJSON() });
  };
  event.waitUntil(renew());
});
