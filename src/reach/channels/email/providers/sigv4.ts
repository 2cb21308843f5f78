// AWS Signature Version 4, as AWS publishes it, for a request with everything in its headers.
import { createHash, createHmac } from 'node:crypto';

type AwsKey = { readonly id: string; readonly secret: string; readonly sessionToken?: string | undefined };

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** RFC 3986, which leaves fewer characters alone than `encodeURIComponent`. */
const percent = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

const canonicalQuery = (query: URLSearchParams): string =>
  [...query]
    .map(([name, value]) => `${percent(name)}=${percent(value)}`)
    .toSorted()
    .join('&');

/** The headers of the request with `host`, `x-amz-date` and `authorization` added; all of them are signed. Names become lower case. */
export function signAws4(
  key: AwsKey,
  scope: { readonly region: string; readonly service: string },
  request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | Uint8Array;
  },
  at: Date,
): Readonly<Record<string, string>> {
  const { host, pathname, searchParams } = new URL(request.url);
  const date = at.toISOString().replaceAll(/[-:]|\.\d{3}/g, '');
  const headers: Record<string, string> = {
    ...Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value])),
    host,
    'x-amz-date': date,
    ...(key.sessionToken === undefined ? {} : { 'x-amz-security-token': key.sessionToken }),
  };
  const names = Object.keys(headers).toSorted();
  const signedNames = names.join(';');
  const canonical = [
    request.method,
    // The path is already encoded once by the URL; every service but S3 wants it encoded twice.
    pathname.split('/').map(percent).join('/'),
    canonicalQuery(searchParams),
    ...names.map((name) => `${name}:${headers[name]!.trim().replaceAll(/ +/g, ' ')}`),
    '',
    signedNames,
    sha256(request.body),
  ].join('\n');
  const day = date.slice(0, 8);
  const credential = `${day}/${scope.region}/${scope.service}/aws4_request`;
  const signingKey = [scope.region, scope.service, 'aws4_request'].reduce<Buffer>(
    (made, part) => hmac(made, part),
    hmac(`AWS4${key.secret}`, day),
  );
  const signature = hmac(signingKey, `AWS4-HMAC-SHA256\n${date}\n${credential}\n${sha256(canonical)}`).toString('hex');
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${key.id}/${credential}, SignedHeaders=${signedNames}, Signature=${signature}`,
  };
}
