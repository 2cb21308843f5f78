import { describe, expect, it } from 'vitest';
import { classifyClick, type ClickRule, type ClickSigns } from './click-class.ts';
import { classifyOpen, type OpenRule, type OpenSigns } from './open-class.ts';

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36';
const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';
const WECHAT =
  'Mozilla/5.0 (Linux; Android 14; V2309A) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/116.0.0.0 Mobile Safari/537.36 XWEB/1160117 MMWEBSDK/20240501 MicroMessenger/8.0.50.2701(0x28003250) WeChat/arm64 Weixin NetType/WIFI Language/zh_CN ABI/arm64';
const HEADLESS = CHROME.replace('Chrome/', 'HeadlessChrome/');
const GMAIL = 'Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)';
const YAHOO = 'YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html';

const click: ClickSigns = {
  method: 'GET',
  userAgent: CHROME,
  msSinceSent: 60_000,
  allLinksAtOnce: false,
  honeypot: false,
};
const view: OpenSigns = { method: 'GET', userAgent: CHROME, msSinceSent: 60_000 };

describe('clicks', () => {
  it.each<[string, Partial<ClickSigns>, string, ClickRule]>([
    ['a browser a minute later', {}, 'human', 'visit'],
    ['a phone', { userAgent: IPHONE }, 'human', 'visit'],
    ['the WeChat browser', { userAgent: WECHAT }, 'human', 'visit'],
    ['HEAD', { method: 'HEAD' }, 'bot', 'not_a_visit'],
    ['a headless browser', { userAgent: HEADLESS }, 'bot', 'robot_agent'],
    ['a library', { userAgent: 'python-requests/2.32.3' }, 'bot', 'robot_agent'],
    ['no agent', { userAgent: undefined }, 'bot', 'no_agent'],
    ['a blank agent', { userAgent: ' ' }, 'bot', 'no_agent'],
    ['1.9 s after sending', { msSinceSent: 1_900 }, 'bot', 'too_fast'],
    ['2 s after sending', { msSinceSent: 2_000 }, 'human', 'visit'],
    ['before sending', { msSinceSent: -5 }, 'unknown', 'before_sending'],
    ['no known time', { msSinceSent: Number.NaN }, 'unknown', 'before_sending'],
    ['all links at once', { allLinksAtOnce: true }, 'bot', 'all_links'],
    ['the hidden link', { honeypot: true }, 'bot', 'honeypot'],
    ['a prefetch', { purpose: 'prefetch;prerender' }, 'proxy', 'prefetch'],
  ])('%s', (_title, signs, expected, rule) => {
    expect(classifyClick({ ...click, ...signs })).toEqual({ class: expected, rule });
  });
});

describe('opens', () => {
  it.each<[string, Partial<OpenSigns>, string, OpenRule]>([
    ['a browser', {}, 'human', 'view'],
    ['Gmail', { userAgent: GMAIL }, 'proxy', 'image_proxy'],
    ['Gmail at once', { userAgent: GMAIL, msSinceSent: 100 }, 'proxy', 'image_proxy'],
    ['Yahoo', { userAgent: YAHOO }, 'proxy', 'image_proxy'],
    ['Apple privacy protection', { userAgent: 'Mozilla/5.0' }, 'proxy', 'apple_privacy'],
    ['no agent', { userAgent: '' }, 'unknown', 'no_agent'],
    [
      'a crawler',
      { userAgent: 'Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)' },
      'bot',
      'robot_agent',
    ],
    ['at once', { msSinceSent: 300 }, 'bot', 'too_fast'],
    ['HEAD', { method: 'HEAD' }, 'bot', 'not_a_view'],
  ])('%s', (_title, signs, expected, rule) => {
    expect(classifyOpen({ ...view, ...signs })).toEqual({ class: expected, rule });
  });
});
