// Somebody's own mail server on loopback: it wants TLS and a password before it takes a mail, and its certificate is signed by nobody but itself.
// The key pair was made for these tests; it names localhost, and nobody else has ever trusted it.
import { SMTPServer } from 'smtp-server';
import type { Delivered } from './shop.ts';

const KEY = `-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDowN8BS0B7JGHm
Mw/LoUls8nfEK86iCC9la8tE4XcXgLkZKxP+8DCMxaVjx0XQcN/t756nO4dAqAn5
FuohObgbRu3RRLDiTc0Awt0mJdMChP6wW2gVx9966Y5puq9rDYyf0ivRKW5j3eFA
1t4hCnxlBMDQ4FBFXog5JZJ4ts12z7OHCN//GI54w1RvLuBYEgvmJlUfUBuHsEcl
KT1LeTGn9VVJhb20rVVoJYJTJ3kj63HS0Bqk8WxGFmtGNwjE5kRxcfoDiVmIcA/R
uZL8rSMUSXPDLAbTpQCl2VrT4LujHAY0X4rZCfJ9YOZzxpAJ9Fw8WV4ynrofTWhr
rR8df/drAgMBAAECggEAMZD1TLy+UBsY4CGKoRZJYTKnj7a2i+oLUeFpSdNr/azT
fkkeuoFjDW9/v6Zttyx6e5y2YC28qWe/q/SVypqUmvZ5acHjm2XvHNTirJ+MdrJk
3KCyo0TL0kyPn/N6LOWXR2fGHgZhNFJJiHnZlxa5E/g1qaXDYmp1vxnBvgRL8Bt2
PvGRDTBRgZEu8nuIFuMi0a/xsAvUBXWMJG38syRiUmZyjDAiuOx4kcV/l+5mS3rU
Lbf9kegLQPJo8BoZ6Ywo84ansxkwuQuvA0resaWVSZhIkfKp7vO5qhmp9HeSbdJN
7QpCOCQmmQ6m6HsOvT9K1unN6GLqNQG2MbOuKepQcQKBgQD72bRXRws6nAsvmvKN
6OsiMA3zmX2VLAyFbIDuJWsiseJjw+Q4GuIiIXXB55D43vbs6rVLoVqZSVmov51k
yj/w7TsMVCSVCr9ULl+bVW3A3M/4gcmWzmWApRaD115rERYUlfCruqs6cQV6SJVd
GwUgUohEIvygNjn4xHO6aGt2sQKBgQDslp2/wr+NCdt0DFP5PofQTPyYEvp2//Yo
03s2FLqLdQcyJmkcS0+ZHEIzybtiU7yzC/+Qfqqoq7lJOak0PeSLcvrJqiGb50XP
70rabt2/IzkPEN0f/ThfKd7IrTjhsND74BQIoUjG1CQsyHaTguLelPX2+iXh93VF
wDpEYr/O2wKBgFOvrqZFvCx4h5sFAM449FEC6M/mU/2KioqXWGxJ0MTRmSmPgTlH
bZbryWZqXRjldeWZxC5iaml/HyTcrx87uW2EVtes6g8AaD0/v5MtGvA4L38jGWpc
IQxTTxz2JrCrF8w1WqiluZoMzkYo8kDi5pwr8I27lnhiLHdGSDJL2lGxAoGBALIs
zCi6th+1qLxA/Izc9tN8505wHIi6Q9yDSGt2OPcF76FpJAfW/99DVOhDqQdoINiG
1LUxb70Pdr8a2b8qTZBny09M/Xq4Ne9fO3Q9wmpMUJB0FtQck/O3SLzBF/GAhCLs
oqnNLU3wPj4ryoFVNR6D+KlDwnvnLT6Wgks2Q1W5AoGAdtkd7fNQnsETXD0BbY9O
AIQpg6CJPJXPaM3sj4E6uWWh49Uc5MCie+O56V8GCCWY9AdZLYfPn/T1VzM9bHtl
L4FrkdyxZmWxqsYqwB4/T2HcG1ppUfKm5MgQJk37GyN0OLae3rBWGbeGQxia8QN/
QYUjIlRIO8xhHIac08ZgjRg=
-----END PRIVATE KEY-----`;
export const OWN_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIDJzCCAg+gAwIBAgIUY5sGTatU3LNk9/cq3nml8Jxv4TswDQYJKoZIhvcNAQEL
BQAwFDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyNjE4MTIyM1oYDzIxMjYx
MTAyMTgxMjIzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwggEiMA0GCSqGSIb3DQEB
AQUAA4IBDwAwggEKAoIBAQDowN8BS0B7JGHmMw/LoUls8nfEK86iCC9la8tE4XcX
gLkZKxP+8DCMxaVjx0XQcN/t756nO4dAqAn5FuohObgbRu3RRLDiTc0Awt0mJdMC
hP6wW2gVx9966Y5puq9rDYyf0ivRKW5j3eFA1t4hCnxlBMDQ4FBFXog5JZJ4ts12
z7OHCN//GI54w1RvLuBYEgvmJlUfUBuHsEclKT1LeTGn9VVJhb20rVVoJYJTJ3kj
63HS0Bqk8WxGFmtGNwjE5kRxcfoDiVmIcA/RuZL8rSMUSXPDLAbTpQCl2VrT4Luj
HAY0X4rZCfJ9YOZzxpAJ9Fw8WV4ynrofTWhrrR8df/drAgMBAAGjbzBtMB0GA1Ud
DgQWBBSPccWIvcgLK5UgtxwB5xUlHyfHeDAfBgNVHSMEGDAWgBSPccWIvcgLK5Ug
txwB5xUlHyfHeDAPBgNVHRMBAf8EBTADAQH/MBoGA1UdEQQTMBGCCWxvY2FsaG9z
dIcEfwAAATANBgkqhkiG9w0BAQsFAAOCAQEAHP99ti9UIuwpZIns7BU18j2ElZzF
JKYZZB2J6/KCUk8Rd2+OIQhD4+/rm1RomUPudq6A8vJBx7+JyboowQP4euXz2lat
3zOD2NIUomG1mUzwWiaJ8wfBuC5dnN5MVdr/J5FH6smTgJRGp59JjAPQduLaYayL
HQbDpAizOm54WWW3+HATm0Urt0jAjBH9nUs8tAx8UJqsRo7fM+Bpcs/+lawLlkj6
/lbNsVecXts2eysBjFn27Eg3W5I6LjRvz8N0ydS7I8C50oLvVymFTDuRnyH8GL7h
cCZErMgauBqpvH8tr3fbZAFQruWRfgdGw8ZuW7KkoTcS5YLJwPc1dMNlDA==
-----END CERTIFICATE-----`;

export type OwnMailServer = {
  readonly port: number;
  /** What it took, oldest first. */
  readonly mails: Delivered[];
  readonly close: () => Promise<void>;
};

export async function startOwnMailServer(user: string, password: string): Promise<OwnMailServer> {
  const mails: Delivered[] = [];
  const server = new SMTPServer({
    key: KEY,
    cert: OWN_CERTIFICATE,
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 500,
    onAuth: (given, session, done) => {
      // It offers AUTH only behind STARTTLS; a password in the clear would be a fault of ours.
      if (session.secure && given.username === user && given.password === password) return done(null, { user });
      done(Object.assign(new Error('5.7.8 authentication failed'), { responseCode: 535 }));
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address).join(),
          raw: Buffer.concat(chunks),
        });
        done(null, '2.0.0 queued as OWN-1');
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve());
  });
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    mails,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
