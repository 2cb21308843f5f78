// May this text, push or WeChat message be sent? What operators, phones and WeChat themselves would cut, refuse or bill for.
import { expensiveCharacters } from '../channels/sms/segments.ts';
import { finishedLength, hasBrackets, type SmsFrame } from '../channels/sms/sms-text.ts';
import { finding, SAMPLE, type LintFinding, type Place } from './lint.ts';
import type { FieldsOf } from './template.ts';

/** The signature and the way out are the provider's setting; these are of the usual length. */
const FRAMES = {
  mainland: { signature: SAMPLE.brand.name, optOut: '拒收请回复R', mainland: true },
  abroad: { signature: SAMPLE.brand.name, optOut: 'Reply STOP to opt out', mainland: false },
} as const satisfies Record<string, SmsFrame>;

/** More parts than this are read by nobody and paid for by everybody. */
const SEGMENTS_MAX = 3;

export function lintSms(fields: FieldsOf<'sms'>, place: Place): readonly LintFinding[] {
  const found: LintFinding[] = [];
  if (hasBrackets(fields.text)) found.push(finding('sms_brackets', '', place));
  // Chinese texts go to the mainland; others are counted as the rest of the world does.
  const frame = place.lang === 'zh' ? FRAMES.mainland : FRAMES.abroad;
  const { segments, alphabet, units } = finishedLength(fields.text, frame);
  const why = alphabet === 'ucs2' ? `, ${expensiveCharacters(fields.text).slice(0, 5).join(' ')}` : '';
  if (segments > SEGMENTS_MAX) found.push(finding('sms_too_long', `${units} → ${segments}`, place));
  else if (segments > 1) found.push(finding('sms_segments', `${units} → ${segments}${why}`, place));
  return found;
}

/** A notification shows this much before it is cut, on the phones that show most. */
const PUSH_MAX = { title: 65, body: 178 } as const;

export function lintPush(fields: FieldsOf<'push'>, place: Place): readonly LintFinding[] {
  return (['title', 'body'] as const).flatMap((name) =>
    Array.from(fields[name]).length > PUSH_MAX[name] ? [finding('push_long', name, place)] : [],
  );
}

/** What WeChat itself refuses (47003): the slots it names by their kind have lengths of their own. */
const WECHAT_SLOT_MAX: Readonly<Record<string, number>> = {
  thing: 20,
  character_string: 32,
  phrase: 5,
  name: 10,
  number: 32,
};

export function lintWechat(fields: FieldsOf<'wechat'>, place: Place): readonly LintFinding[] {
  return Object.entries(fields.data).flatMap(([slot, value]) => {
    const most = WECHAT_SLOT_MAX[slot.replace(/\d+$/, '')];
    return most !== undefined && Array.from(value).length > most
      ? [finding('wechat_slot_long', `${slot} > ${most}`, place)]
      : [];
  });
}
