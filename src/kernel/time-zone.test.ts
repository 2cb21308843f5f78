import { describe, expect, it } from 'vitest';
import { zoneNamed } from './time-zone.ts';

describe('a time zone', () => {
  it.each([
    ['Asia/Shanghai', 'Asia/Shanghai'],
    [' asia/shanghai ', 'Asia/Shanghai'],
    ['Australia/Lord_Howe', 'Australia/Lord_Howe'],
    ['US/Pacific-New', 'America/Los_Angeles'],
    ['utc', 'UTC'],
  ])('%j is %s', (text, zone) => expect(zoneNamed(text)).toBe(zone));

  // The abbreviations that Intl takes and PostgreSQL takes for another clock, or for none.
  it.each([
    'CST',
    'IST',
    'BST',
    'PST',
    'VST',
    'CTT',
    'ECT',
    'SST',
    '+08:00',
    'GMT+8',
    'Mars/Olympus',
    '',
    'null',
    '../etc',
  ])('%j is none', (text) => expect(zoneNamed(text)).toBeUndefined());
});
