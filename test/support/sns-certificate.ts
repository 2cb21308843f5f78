// A key pair made for these tests: the certificate names SNS as Amazon's does, and nobody else has ever trusted it.
import { sign } from 'node:crypto';
import type { HookRequest } from '../../src/reach/channels/email/providers/provider.ts';

const SNS_TEST_KEY = `-----BEGIN PRIVATE KEY-----
MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDo0RktimAGi9J3
9jFbg0+wDwodOb6EfxiU+cUC/tHBUMmIZxjuwo+5bl7h2as4nbZLgBjvQZhVB9nJ
7kXR9fqidGZQqhrsbCAi68m68TV64R0Di3KEmdQXHnxD1xzcevYyZfGkjViWworv
t3v+Gn2ZLytrv1/82aQbPgANa0X4KIfF3SwZ9EGYyUu7dohuG7FlbexCUnx4MFa/
KpGDHNDiUJ+IfHla5wG1f72DCX/e0NF8QjkkN7F5+wmKYWtSBt2V8o9ToQIUcloa
mL+5E1z5t8RBNSsOdDcXQ32LSbMN9WvaWgO2MsCVmUK8etOvWWW0tFg1oncJiLbg
Tm9cTLbNAgMBAAECggEAX1/VaCYRK21ZJaKZ2qri2LV4h7txlDa6u8DMV+tKw15U
iQfvG1Rh621O+keg0FsvZCOQU2c0P9Us/3+YY6hYafe0OGRPDj5HNfcQ13/b0EBr
Edos6ixYSbZH4sS7Qoku1TuU77ulqHD+2K/6YAC7JidAKu4lpOAFzdEq1VR2P++W
lU9fHOvOqV4gbeXtjROe7/J1cdoBUCgJdHxqWEwvuEAsfvN7UyYzdP4yCz4oj3Vt
IlOzUDmP35xio1Z04FJdyD5ulxqcqV8kNseFdBo8jfCQduE7hG86J++hWm8IY0Z0
f8j1DhN3FSkOla+aQJI97L/ngDAnrU77aEd3Bb4zIwKBgQD0LwUypBDBex5l1Jc5
nWV30sf6vDqsvCghV4DPmbEi+zFV6tHMM2+RUimkO4cG3T00N3gWnp5E/DWAU+Gc
jARVjMv32Et4DVH4VrkyWnBXy2gOXuBohN/bTACvwQXIEFb+bPERojqZGtSlL0FD
C4ZeFrbRtT32lUDFkRycZJkAawKBgQD0FUN7OplEXaRlmodql3gzwDkt/TuXXCuD
G7JBTBA7AKnkEW96dor51VRwcnz/GvNFn0qDNf6mZwvj3jS0kVWY9b1RgtiXH/Gv
wCqhmjxRgT00C/SrJBBhC+EUBGrrTqRiaWpA5Fv1hwnm0aJlqGHdSPwC/Afz/Bdh
wJmA88CTpwKBgC0iq+FKdlZtPZcxDqr1rxXQ/moYdPgM55YSKJs3G4kNyXbKKvGF
6G+CMnRLFJBuQKvwPOBhfXve6rzHxII9V2fA2Mr9TiXowGgZD66BDRcNYDSX0P9A
4GgWymGyWjE64/mvhXfu9snqLbhC3dtYvAOUS0LEL6nuuMRMKG+4IJf1AoGAE+3U
h7A+KWXX8W/PlLVvXBJa2NVvUyl0aA0P3eL/BEJGnNeLmZ0qNcHkVhYS/KVPraSW
6eWzuBR71Qwkk4W2TnnqDki3tIcoLahsEqvMNv9tZt1/CaY1LCdTJlZCAJp4M4zV
3xyGIaL3/P+q2dAIxY+a/AdmAtbXdeTK48uDMssCgYEA0YZdvn8Xs4eOeDF9kSP4
AlXgW9MAOXIODtwa8EAT7EoUesm7ioxn6gcAP3scAbcr3Ijq6vcgdlTkNzfRhChb
lm+7eRtob2B4FYcGLafG2rRieLrIOs0GmTo4CpVL2arCdOKD2zqc3zMDjO0t5NTj
nirZArSCNeXs+/iMdXZlJm0=
-----END PRIVATE KEY-----`;
export const SNS_TEST_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIDGzCCAgOgAwIBAgIUc8irvpF23RMexsN/BQY/aczM/sgwDQYJKoZIhvcNAQEL
BQAwHDEaMBgGA1UEAwwRc25zLmFtYXpvbmF3cy5jb20wIBcNMjYxMTI2MTUyNTQw
WhgPMjEyNjExMDIxNTI1NDBaMBwxGjAYBgNVBAMMEXNucy5hbWF6b25hd3MuY29t
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA6NEZLYpgBovSd/YxW4NP
sA8KHTm+hH8YlPnFAv7RwVDJiGcY7sKPuW5e4dmrOJ22S4AY70GYVQfZye5F0fX6
onRmUKoa7GwgIuvJuvE1euEdA4tyhJnUFx58Q9cc3Hr2MmXxpI1YlsKK77d7/hp9
mS8ra79f/NmkGz4ADWtF+CiHxd0sGfRBmMlLu3aIbhuxZW3sQlJ8eDBWvyqRgxzQ
4lCfiHx5WucBtX+9gwl/3tDRfEI5JDexefsJimFrUgbdlfKPU6ECFHJaGpi/uRNc
+bfEQTUrDnQ3F0N9i0mzDfVr2loDtjLAlZlCvHrTr1lltLRYNaJ3CYi24E5vXEy2
zQIDAQABo1MwUTAdBgNVHQ4EFgQUUJQu9Q/5lyAfIwYZCItRxxslqLQwHwYDVR0j
BBgwFoAUUJQu9Q/5lyAfIwYZCItRxxslqLQwDwYDVR0TAQH/BAUwAwEB/zANBgkq
hkiG9w0BAQsFAAOCAQEAObAce9OOhPeO6dL3TfpgelkC+TVcS0UDMKtZaEkNLB8r
nZpFf0+mH44xGhgZGbbSj07XObGFyz11gIjv6YNfqfhh0DUUrzQPyg+QQkjokOVw
dZixe+tI4U7VqyUcmRT00B32XQUfm5GxYrvAtoOZAZXPLMD+tANeGUjMRO2LZfx2
p7OTmsm3u5iFKIETBKu5vYOKpxQrjhbqCmE7NK7HLpMMg4zVmBG+fM+Ywl21jnWP
zFSE8Qkxt4X4fYwYT03BViaD9DiUJcfywnMn+kIYu/5axT+zmIANe7s5JkOFXfOD
t0zQtwgjOls4z2AvF3fyV7nAjXZSHLGAl4SWA4ECRw==
-----END CERTIFICATE-----`;

/** A message as SNS delivers it, signed as Amazon documents it: https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html */
export function signedBySns(more: Readonly<Record<string, unknown>>): HookRequest {
  const message: Record<string, unknown> = {
    Type: 'Notification',
    MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
    TopicArn: 'arn:aws:sns:eu-west-1:123456789012:ses',
    Subject: 'Amazon SES Email Event Notification',
    Message: '{}',
    Timestamp: '2026-12-20T11:59:00.000Z',
    SignatureVersion: '2',
    SigningCertURL: 'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123abcd.pem',
    ...more,
  };
  const names =
    message['Type'] === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type'];
  const text = names.filter((name) => message[name] !== undefined).map((name) => `${name}\n${String(message[name])}\n`);
  const algorithm = message['SignatureVersion'] === '1' ? 'sha1' : 'sha256';
  const Signature = sign(algorithm, Buffer.from(text.join('')), SNS_TEST_KEY).toString('base64');
  return { headers: {}, body: JSON.stringify({ Signature, ...message, ExtraField: 'is allowed' }) };
}
