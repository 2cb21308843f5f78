// The sealed proof is the published sample of WeCom's WXBizMsgCrypt; the plain signature is SHA-1 over the sorted parts, computed beside it.
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { answerProof, openSealed, readCallback, wechatSignature } from './callback.ts';

const SAMPLE = {
  keys: {
    token: 'QDG6eK',
    encodingAesKey: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C',
    receiver: 'wx5823bf96d3bd56c7',
  },
  query: {
    msg_signature: '5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3',
    timestamp: '1409659589',
    nonce: '263014780',
    echostr: 'P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==',
  },
};

/** The other side of `openSealed`, written from the description of the format. */
function seal(words: string, keys: typeof SAMPLE.keys): string {
  const key = Buffer.from(`${keys.encodingAesKey}=`, 'base64');
  const text = Buffer.from(words);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const whole = Buffer.concat([randomBytes(16), length, text, Buffer.from(keys.receiver)]);
  const padding = 32 - (whole.length % 32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([
    cipher.update(Buffer.concat([whole, Buffer.alloc(padding, padding)])),
    cipher.final(),
  ]).toString('base64');
}

it('opens the published sample, and refuses it when anything in it is another’s', () => {
  expect(answerProof(SAMPLE.query, SAMPLE.keys)).toEqual({ ok: true, value: '1616140317555161061' });
  expect(answerProof({ ...SAMPLE.query, nonce: '263014781' }, SAMPLE.keys)).toEqual({
    ok: false,
    error: 'not_authentic',
  });
  expect(answerProof(SAMPLE.query, { ...SAMPLE.keys, token: 'other' })).toEqual({ ok: false, error: 'not_authentic' });
  expect(openSealed(SAMPLE.query.echostr, { ...SAMPLE.keys, receiver: 'another' })).toEqual({
    ok: false,
    error: 'not_authentic',
  });
  expect(openSealed('AAAA', SAMPLE.keys)).toEqual({ ok: false, error: 'unreadable' });
});

it('reads plain and sealed events, as XML and as JSON', () => {
  const keys = SAMPLE.keys;
  const [timestamp, nonce] = ['1772424000', 'n'];
  const signature = createHash('sha1').update([nonce, timestamp, keys.token].toSorted().join('')).digest('hex');
  const xml =
    '<xml><Event><![CDATA[subscribe_msg_popup_event]]></Event><SubscribeMsgPopupEvent><List><TemplateId><![CDATA[A]]></TemplateId></List>' +
    '<List><TemplateId><![CDATA[B]]></TemplateId></List></SubscribeMsgPopupEvent></xml>';
  const event = {
    Event: 'subscribe_msg_popup_event',
    SubscribeMsgPopupEvent: { List: [{ TemplateId: 'A' }, { TemplateId: 'B' }] },
  };
  const plain = { timestamp, nonce, signature };
  expect(readCallback(plain, xml, keys)).toEqual({ ok: true, value: event });
  expect(readCallback(plain, JSON.stringify(event), keys)).toEqual({ ok: true, value: event });
  const sealed = seal(xml, keys);
  const query = { timestamp, nonce, msg_signature: wechatSignature(keys.token, timestamp, nonce, sealed) };
  expect(readCallback(query, `<xml><Encrypt><![CDATA[${sealed}]]></Encrypt></xml>`, keys)).toEqual({
    ok: true,
    value: event,
  });
  // A sealed body is not believed on the signature of a plain one.
  expect(readCallback(plain, JSON.stringify({ Encrypt: sealed }), keys)).toEqual({ ok: false, error: 'not_authentic' });
  expect(readCallback(plain, 'neither', keys)).toEqual({ ok: false, error: 'unreadable' });
});
