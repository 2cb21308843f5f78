// May this in-app message be shown in China? The rules of the 互联网广告管理办法 (in force since 1 May 2023) on what pops up: a visible sign closes
// it, one click is enough, nothing counts down, it does not come back on the same page; and an advertisement says that it is one.
import { finding, type LintFinding, type Place } from './lint.ts';
import type { FieldsOf } from './template.ts';

/** A button has an address, so none of them closes. */
const SAYS_CLOSE =
  /^(?:close|dismiss|skip|cancel|no,? thanks|not now|[×✕✖x]|关闭|关掉|跳过|取消|不用了|不了|稍后再说)$/i;

/** Pure. A message that only asks a question sells nothing and needs no label. */
export function lintInApp(fields: FieldsOf<'in_app'>, place: Place): readonly LintFinding[] {
  const sells = fields.surveyUrl === undefined || (fields.buttons ?? []).length > 0;
  return [
    ...(fields.closable ? [] : [finding('popup_not_closable', fields.layout, place)]),
    ...(fields.closeAfterSeconds > 0 ? [finding('popup_countdown', `${fields.closeAfterSeconds} s`, place)] : []),
    ...(fields.repeats ? [finding('popup_repeats', fields.layout, place)] : []),
    ...(fields.buttons ?? [])
      .filter(({ label }) => SAYS_CLOSE.test(label.trim()))
      .map(({ label }) => finding('popup_fake_button', label, place)),
    ...(sells && !fields.adLabel ? [finding('ad_label_missing', '', place)] : []),
  ];
}
