// Web push for this browser: asks for permission, subscribes with the server's VAPID key, tells the server where to reach the person.
// The service worker must stand on the shop's own origin; one line is enough there: `importScripts('https://<server>/sw.js')`.
export type PushAnswer = 'subscribed' | 'denied' | 'unsupported';

type Setup = {
  readonly host: string;
  readonly writeKey: string;
  readonly workerUrl: string;
  readonly who: () => Readonly<Record<string, unknown>>;
  readonly personToken: () => Promise<string | undefined>;
};

const bytesOf = (base64url: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));

async function tell(setup: Setup, method: 'POST' | 'DELETE', body: object): Promise<void> {
  const personToken = await setup.personToken();
  const response = await fetch(`${setup.host}/v1/endpoints`, {
    method,
    body: JSON.stringify({
      writeKey: setup.writeKey,
      ...setup.who(),
      ...(personToken ? { personToken } : {}),
      ...body,
    }),
    headers: { 'Content-Type': 'text/plain' },
    credentials: 'omit',
  });
  if (!response.ok) throw new Error(`rekindle: the server answered ${response.status}`);
}

export async function subscribePush(setup: Setup, consentTextVersion?: string): Promise<PushAnswer> {
  if (!('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window)) return 'unsupported';
  if ((await Notification.requestPermission()) !== 'granted') return 'denied';
  const { host, writeKey, workerUrl } = setup;
  const key = (await (await fetch(`${host}/v1/projects/${writeKey}/settings`, { credentials: 'omit' })).json()) as {
    readonly rekindle?: { readonly vapidPublicKey?: string };
  };
  const vapid = key.rekindle?.vapidPublicKey;
  if (!vapid) return 'unsupported';
  const query = new URLSearchParams({ host, writeKey });
  await navigator.serviceWorker.register(`${workerUrl}?${query}`);
  const registration = await navigator.serviceWorker.ready;
  const options = { userVisibleOnly: true, applicationServerKey: bytesOf(vapid) };
  let subscription: PushSubscription;
  try {
    subscription = await registration.pushManager.subscribe(options);
  } catch {
    // Subscribed with another key before: that subscription is of no use to anybody.
    await (await registration.pushManager.getSubscription())?.unsubscribe();
    subscription = await registration.pushManager.subscribe(options);
  }
  await tell(setup, 'POST', {
    kind: 'web_push',
    subscription: subscription.toJSON(),
    ...(consentTextVersion ? { consent: { textVersion: consentTextVersion } } : {}),
  });
  return 'subscribed';
}

export async function unsubscribePush(setup: Setup): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration(setup.workerUrl);
  const subscription = await registration?.pushManager.getSubscription();
  if (!subscription) return;
  await tell(setup, 'DELETE', { kind: 'web_push', subscription: subscription.toJSON() });
  await subscription.unsubscribe();
}
