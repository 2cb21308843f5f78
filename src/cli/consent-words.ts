// What `rekindle consent` says, in both languages.
export const CONSENT_WORDS = {
  consent: {
    en: 'consents: their proofs out, other tools’ opt-outs and consents in',
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
  whyChannels: { en: 'Now, on each channel', zh: '此刻各渠道' },
} as const;
