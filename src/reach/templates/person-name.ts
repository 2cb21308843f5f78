// Can she be greeted with this? What people and other systems leave in the field of a name: nothing that can be seen, a placeholder, a merge tag of another
// tool, an address, a piece of code. Whoever signs somebody else up writes the greeting of our mail, so nothing in it may be a link, a tag or a text that runs
// backwards. Pure; what is no name is '' and the greeting falls back.

/** Longer is a message, not a name; the longest in passports come near. */
const LENGTH_MAX = 80;

/** Nothing to see, or turns the direction of what follows. The joiners of Persian and Indic names (U+200C, U+200D) stay. */
const UNSEEN = /(?!\u200c|\u200d)\p{Default_Ignorable_Code_Point}|[\u2800\ufff9-\ufffb]/gu;

const QUOTED = /^["'“”‘’「」『』«»]+|["'“”‘’「」『』«»]+$/gu;

const PLACEHOLDER =
  /^(?:null|undefined|nan|nil|none|n\/?a|unknown|anonymous|empty|test|guest|customer|user|client|(?:first|last|full|your|customer|user)?[ -]?name|[fl]name|无|无名|未知|匿名|姓名|名字|游客|顾客|客户|用户|测试)$/iu;

/** Tags, templates and addresses of mail; no name is written with these. */
const CODE = /[{}[\]<>|*%=\\@_$^~#]|:\/\/|\bwww\./iu;
/** Written in lower case, as addresses are: `evil.example`, `bit.ly/x`, and not `St. John` or `J.R.`. */
const WEB_ADDRESS = /[\p{L}\d-]{2,}\.[a-z]{2,}(?=$|[/\s,!?:])/u;

/** One line that may be written after "Dear", or ''. */
export function nameIn(line: string): string {
  const name = line.replaceAll(UNSEEN, '').trim().replaceAll(QUOTED, '').trim();
  if (name.length > LENGTH_MAX || !/\p{L}/u.test(name) || CODE.test(name) || WEB_ADDRESS.test(name)) return '';
  return name.split(/\s+/).every((word) => PLACEHOLDER.test(word)) || PLACEHOLDER.test(name) ? '' : name;
}
