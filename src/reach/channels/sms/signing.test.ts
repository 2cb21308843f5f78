// The examples the providers publish beside their algorithms.
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalQuery, signAcs3, signTc3, signTwilio } from './signing.ts';

describe('signatures', () => {
  it('阿里云: the fixed example of “V3 request body and signature”', () => {
    const headers = signAcs3(
      { id: 'YourAccessKeyId', secret: 'YourAccessKeySecret' },
      {
        host: 'ecs.cn-shanghai.aliyuncs.com',
        action: 'RunInstances',
        version: '2014-05-26',
        query: { ImageId: 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd', RegionId: 'cn-shanghai' },
        nonce: '3156853299f313e23d1673dc12e1703d',
        at: new Date('2023-10-26T10:22:32Z'),
      },
    );
    expect(headers['authorization']).toBe(
      'ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
    );
  });

  it('encodes a query as RFC 3986 does', () => {
    expect(canonicalQuery({ b: 'a b*c~d/e', a: "!'()" })).toBe('a=%21%27%28%29&b=a%20b%2Ac~d%2Fe');
  });

  it('腾讯云: the example of “signature v3”, with the key as it is printed there', () => {
    const { authorization } = signTc3(
      { id: 'AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******', secret: 'Gu5t9xGARNpq86cd98joQYCN3*******' },
      {
        host: 'cvm.tencentcloudapi.com',
        service: 'cvm',
        body: String.raw`{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}`,
        at: new Date(1_551_113_065_000),
      },
    );
    expect(authorization).toBe(
      'TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3*******/2019-02-25/cvm/tc3_request, SignedHeaders=content-type;host, Signature=2230eefd229f582d8b1b891af7107b91597240707d778ab3738f756258d7652c',
    );
  });

  it('Twilio: the example of “validating requests”', () => {
    const form = new URLSearchParams({
      To: '+18005551212',
      CallSid: 'CA1234567890ABCDE',
      From: '+12349013030',
      Digits: '1234',
      Caller: '+12349013030',
    });
    expect(signTwilio('12345', 'https://mycompany.com/myapp.php?foo=1&bar=2', form)).toBe(
      '0/KCTR6DLpKmkAf8muzZqo1nDgQ=',
    );
  });

  it('Twilio: the example of its own libraries for a JSON body, whose hash is in the address', () => {
    const url =
      'https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620';
    expect(signTwilio('12345', url, new URLSearchParams())).toBe('a9nBmqA0ju/hNViExpshrM61xv4=');
  });

  it('Twilio: a field that comes twice counts with each of its values once, sorted', () => {
    const twice = new URLSearchParams('MediaUrl=b&MediaUrl=a&MediaUrl=b&From=1');
    expect(signTwilio('12345', 'https://x.example/', twice)).toBe(
      createHmac('sha1', '12345').update('https://x.example/From1MediaUrlaMediaUrlb').digest('base64'),
    );
  });
});
