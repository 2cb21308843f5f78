// What `rekindle consent` says, in both languages.
export const CONSENT_WORDS = {
  consent: {
    en: 'Consents: their proofs out, other tools’ opt-outs and consents in',
    zh: '同意记录：导出证明，导入其他工具的退订与同意',
  },
  consentExport: { en: 'write the proofs of consent to a file', zh: '将同意证明导出到文件' },
  consentImport: {
    en: 'read a CSV file of another tool: opt-outs first, then consents',
    zh: '读取其他工具的 CSV：先处理退订，再处理同意',
  },
  consentShow: { en: 'every consent of a person, with its proof', zh: '某位用户的全部同意记录及证明' },
  consentFileArgument: { en: 'a CSV or TSV file', zh: 'CSV 或 TSV 文件' },
  consentFormatOption: { en: 'ndjson or csv (otherwise by the file’s name)', zh: 'ndjson 或 csv（默认按文件名判断）' },
  consentEmailOption: { en: 'only this address; repeatable', zh: '仅限该邮箱，可重复' },
  consentPhoneOption: { en: 'only this number; repeatable', zh: '仅限该手机号，可重复' },
  consentSourceOption: { en: 'the name the ledger keeps of where they came from', zh: '记录中的来源名称' },
  consentExported: { en: '{count} proofs written to {path}.', zh: '已将 {count} 条证明写入 {path}。' },
  consentImported: {
    en: '{suppressed} opt-outs put on the suppression list, {granted} consents recorded, {created} people new, {kept} kept as withdrawn, {rejected} rows refused.',
    zh: '{suppressed} 条退订已列入禁止联系名单，{granted} 条同意已记录，新增 {created} 位用户，{kept} 条维持退订，{rejected} 行被拒绝。',
  },
  consentColumns: { en: 'Columns read: {columns}', zh: '识别的列：{columns}' },
  consentRejected: { en: 'row {row}: {reason}', zh: '第 {row} 行：{reason}' },
  consentFormat: {
    en: 'The format is ndjson or csv, not "{format}".',
    zh: '格式应为 ndjson 或 csv，而不是“{format}”。',
  },
  consentGrant: { en: 'record that a person agreed', zh: '记录用户同意' },
  consentWithdraw: {
    en: 'record that a person withdrew, and stop what is planned',
    zh: '记录用户撤回同意，并停止待发消息',
  },
  consentChannelArgument: { en: 'email, sms, wechat, ads …', zh: 'email、sms、wechat、ads 等' },
  consentBasisOption: {
    en: 'on which ground: express, implied_purchase, implied_inquiry, imported …',
    zh: '依据：express、implied_purchase、implied_inquiry、imported 等',
  },
  consentPurposeOption: {
    en: 'marketing (unless told), profiling or ads_audience',
    zh: 'marketing（默认）、profiling 或 ads_audience',
  },
  consentTextOption: { en: 'the words agreed to, as name@version', zh: '所同意的文本，格式为 名称@版本' },
  consentProofOption: { en: 'what proves it; repeatable', zh: '证明材料，可重复' },
  consentProofWrong: {
    en: '--proof wants name=value, not "{pair}".',
    zh: '--proof 的格式为 名称=值，而不是“{pair}”。',
  },
  consentOnOption: {
    en: 'when it was given, as 2026-01-31T10:00:00Z; now unless told',
    zh: '同意时间，如 2026-01-31T10:00:00Z；默认为现在',
  },
  consentGranted: { en: 'Recorded: {person} agreed to {channel}.', zh: '已记录：{person} 同意 {channel}。' },
  consentAsked: {
    en: 'Asked: {person} gets a mail to confirm it. Nothing is recorded before she does.',
    zh: '已发出确认邮件给 {person}，确认前不记录同意。',
  },
  consentNotAsked: {
    en: 'Not asked: {person} was asked already, has confirmed, or has no address.',
    zh: '未询问：{person} 已被询问、已确认或没有邮箱。',
  },
  consentWithdrawn: {
    en: 'Recorded: {person} withdrew from {channel}; {stopped} planned messages stopped.',
    zh: '已记录：{person} 撤回了 {channel} 的同意，{stopped} 条待发消息已停止。',
  },
  consentColumnOn: { en: 'On', zh: '日期' },
  consentColumnChannel: { en: 'Channel', zh: '渠道' },
  consentColumnPurpose: { en: 'Purpose', zh: '目的' },
  consentColumnStatus: { en: 'Status', zh: '状态' },
  consentColumnBasis: { en: 'Ground', zh: '依据' },
  consentColumnText: { en: 'Words', zh: '文本' },
  consentColumnProof: { en: 'Source and proof', zh: '来源与证明' },
} as const;
