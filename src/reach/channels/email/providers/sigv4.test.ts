// Against the signatures AWS publishes: its Signature Version 4 test suite, and the IAM example of its documentation.
import { expect, it } from 'vitest';
import { signAws4 } from './sigv4.ts';

const KEY = { id: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const AT = new Date('2015-08-30T12:36:00Z');
const HOST = 'https://example.amazonaws.com';
const SUITE = { region: 'us-east-1', service: 'service' };

it.each([
  ['get-vanilla', 'GET', '/', {}, '', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  [
    'get-vanilla-query-order-key-case',
    'GET',
    '/?Param2=value2&Param1=value1',
    {},
    '',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
  ['post-vanilla', 'POST', '/', {}, '', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'post-x-www-form-urlencoded',
    'POST',
    '/',
    { 'Content-Type': 'application/x-www-form-urlencoded' },
    'Param1=value1',
    'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
  ],
])('signs %s as published', (_name, method, path, headers, body, signature) => {
  const signed = signAws4(KEY, SUITE, { method, url: `${HOST}${path}`, headers, body }, AT);
  expect(signed['authorization']).toMatch(new RegExp(`Signature=${signature}$`));
});

it('signs the documented IAM request', () => {
  const signed = signAws4(
    KEY,
    { region: 'us-east-1', service: 'iam' },
    {
      method: 'GET',
      url: 'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08',
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: '',
    },
    AT,
  );
  expect(signed['authorization']).toBe(
    'AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
  );
});

it('sends and signs the token of temporary credentials', () => {
  const signed = signAws4(
    { ...KEY, sessionToken: 'TOKEN' },
    SUITE,
    { method: 'POST', url: `${HOST}/`, headers: {}, body: '{}' },
    AT,
  );
  expect(signed['x-amz-security-token']).toBe('TOKEN');
  expect(signed['authorization']).toContain('SignedHeaders=host;x-amz-date;x-amz-security-token');
});
