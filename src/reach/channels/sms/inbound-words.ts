// What did she mean by her answer? A word counts only when it is the whole message, whatever its width, case, accents, spaces and end marks.
// Everything else is for a human: "when does it start?" is not START. Pure.
import type { Lang } from '../../../kernel/lang.ts';

export type InboundMeaning = 'stop' | 'start' | 'help' | 'free_text';

type Words = {
  readonly stop: string;
  /** A refusal where the language is spoken, and an everyday word of another one: "seis" ends texts in Finnish, and is six in Spanish. */
  readonly stopThere?: string;
  readonly start: string;
  readonly help: string;
};

/**
 * By language, words between spaces, as people type them without accents. 47 CFR 64.1200(a)(10) names the first seven of English; the carriers'
 * association and Twilio, AWS and Braze add STOPALL, REMOVE, UNSTOP, HELP, INFO and ARRET; Singapore's senders print UNSUB, Malaysia's operators obey
 * OUT (Mandatory Standards for mobile content, CFM) and take BLOCK and UNBLOCK; France's operators want STOP and CONTACT (AF2M); Chinese senders print the
 * single letters, and 0000 is China Telecom's; Korea's law prints 수신거부. The rest is each language's own word for it.
 */
const LANGUAGES = {
  en: {
    stop: 'stop quit end revoke optout cancel unsubscribe stopall remove unsub out block stopit stopsms optmeout endall cancelall',
    start: 'start unstop yes subscribe resubscribe optin unblock',
    help: 'help info',
  },
  zh: {
    stop: '0000 00000 td tdzd 退订 退訂 退定 拒收 取消 取消订阅 取消訂閱 取消接收 停止 停止接收 停止发送 停止發送 不再接收 退出 拒绝 拒絕',
    start: 'kt 开通 開通 订阅 訂閱 恢复 恢復 恢复订阅 恢復訂閱 重新订阅 重新訂閱',
    help: 'bz 帮助 幫助 說明 说明',
  },
  fr: {
    stop: 'arret arreter arretez desabonner desabonnement desinscrire desinscription resilier annuler stopper stoppub',
    start: 'commencer oui abonner reprendre inscrire',
    help: 'aide contact',
  },
  de: {
    stop: 'stopp stoppen abmelden abmeldung abbestellen abbestellung austragen kuendigen kundigen beenden stopalle widerruf',
    start: 'starten anmelden',
    help: 'hilfe',
  },
  es: {
    stop: 'baja darmedebaja dardebaja parar pare cancelar detener salir eliminar nomas',
    stopThere: 'alto',
    start: 'alta iniciar comenzar suscribir suscribirme',
    help: 'ayuda',
  },
  pt: {
    stop: 'sair parar pare cancelar remover descadastrar excluir desinscrever',
    stopThere: 'sai',
    start: 'iniciar comecar voltar inscrever cadastrar',
    help: 'ajuda',
  },
  it: {
    stop: 'basta ferma cancella cancellami annulla disiscrivi disiscrivimi disattiva disdici rimuovi esci',
    start: 'inizia attiva riattiva iscrivi iscrivimi',
    help: 'aiuto assistenza',
  },
  nl: {
    stop: 'afmelden afmelding afmeld uitschrijven opzeggen stoppen stopzetten annuleren verwijderen',
    stopThere: 'uit',
    start: 'aanmelden aan hervatten inschrijven',
    help: 'hulp',
  },
  sv: {
    stop: 'stopp stoppa sluta avsluta avregistrera avanmal avprenumerera avboka',
    start: 'starta borja prenumerera',
    help: 'hjalp',
  },
  nb: {
    stop: 'stopp slutt avslutt avmeld meldav avbestill avregistrer',
    start: 'begynn pamelding abonner',
    help: 'hjelp',
  },
  da: {
    stop: 'afmeld framelding frameld afslut opsig stopalt',
    stopThere: 'slut',
    start: 'tilmeld begynd',
    help: 'hjaelp',
  },
  fi: {
    stop: 'lopeta peruuta poista eikiitos',
    stopThere: 'peru seis',
    start: 'aloita tilaa jatka',
    help: 'ohje apua apu',
  },
  pl: {
    stop: 'rezygnuje rezygnacja wypisz wypiszmnie anuluj koniec usun zatrzymaj',
    start: 'wznow zapisz zacznij',
    help: 'pomoc',
  },
  ja: {
    stop: '停止 配信停止 解除 配信解除 退会 中止 解約 ストップ キャンセル',
    start: '再開 配信再開 開始 登録 スタート',
    help: 'ヘルプ 助けて',
  },
  ko: {
    stop: '수신거부 무료수신거부 거부 중지 해지 정지 취소 구독취소 수신중지 스톱 스탑 그만',
    start: '수신동의 재개 시작 구독 재구독',
    help: '도움말 도움',
  },
  ms: {
    stop: 'henti hentikan berhenti batal batalkan tamat keluar',
    start: 'mula langgan sambung',
    help: 'bantuan tolong',
  },
  hi: {
    stop: 'बंद बंदकरें बंदकरो रोकें रोको हटाएं bandkaro bandkare roko',
    stopThere: 'band',
    start: 'शुरू शुरूकरें चालू shuru chalu',
    help: 'मदद सहायता madad',
  },
} as const satisfies Readonly<Record<string, Words>>;

type Tongue = keyof typeof LANGUAGES;

/** What is spoken where texts go, by ISO 3166. English is understood everywhere. */
const SPOKEN: Readonly<Record<string, readonly Tongue[]>> = {
  GB: [],
  IE: [],
  AU: [],
  NZ: [],
  US: ['es'],
  PR: ['es'],
  CA: ['fr'],
  CN: ['zh'],
  HK: ['zh'],
  MO: ['zh'],
  TW: ['zh'],
  SG: ['zh', 'ms'],
  MY: ['ms', 'zh'],
  BN: ['ms'],
  IN: ['hi'],
  JP: ['ja'],
  KR: ['ko'],
  DE: ['de'],
  AT: ['de'],
  LI: ['de'],
  CH: ['de', 'fr', 'it'],
  LU: ['fr', 'de'],
  BE: ['nl', 'fr', 'de'],
  NL: ['nl'],
  FR: ['fr'],
  MC: ['fr'],
  ES: ['es'],
  MX: ['es'],
  AR: ['es'],
  CL: ['es'],
  CO: ['es'],
  PE: ['es'],
  PT: ['pt'],
  BR: ['pt'],
  IT: ['it'],
  SM: ['it'],
  SE: ['sv'],
  NO: ['nb'],
  DK: ['da'],
  FI: ['fi', 'sv'],
  PL: ['pl'],
};

/** Printed under the texts of the mainland, Hong Kong and Taiwan: T, R and N are words there, and a slip of the thumb elsewhere. */
const LETTERS = { places: new Set(['CN', 'HK', 'MO', 'TW']), words: new Set(['t', 'r', 'n']) } as const;

/** Letters that no decomposition takes apart. */
const PLAIN: Readonly<Record<string, string>> = { ß: 'ss', ø: 'o', æ: 'ae', œ: 'oe', ł: 'l', đ: 'd', ı: 'i' };

/** Width, case, Latin accents, spaces and marks anywhere do not make another word; the marks of other scripts are letters of theirs. */
const bare = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/[\u0300-\u036f\ufe00-\ufe0f\u20e3]+/g, '')
    .normalize('NFC')
    .replaceAll(/[ßøæœłđı]/g, (letter) => PLAIN[letter] ?? letter)
    .replaceAll(/[\s\p{P}\p{S}\p{C}]+/gu, '');

/** "Answer", as it stands before the word that is to be answered with. */
const COPIED = /^[请請]?(?:回复|回覆|回|发送|發送)/u;
/** Where Chinese characters meet letters or digits. */
const BORDER = /(?<=\p{Script=Han})(?=[a-z0-9])|(?<=[a-z0-9])(?=\p{Script=Han})/u;

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(' ').map(bare).filter(Boolean));
const tableOf = ({ stop, stopThere = '', start, help }: Words) => ({
  stop: setOf(stop),
  stopThere: setOf(stopThere),
  start: setOf(start),
  help: setOf(help),
});
const TABLE = new Map(Object.entries(LANGUAGES).map(([tongue, words]) => [tongue, tableOf(words)]));
const spokenIn = (country: string | undefined): readonly ReturnType<typeof tableOf>[] =>
  ['en', ...(SPOKEN[country ?? ''] ?? [])].flatMap((tongue) => TABLE.get(tongue) ?? []);

function isStop(word: string, country: string | undefined): boolean {
  const isKnown = country !== undefined && Object.hasOwn(SPOKEN, country);
  if (LETTERS.words.has(word)) return LETTERS.places.has(country ?? '');
  const all = [...TABLE.values()];
  return (
    all.some(({ stop }) => stop.has(word)) ||
    (isKnown ? spokenIn(country) : all).some(({ stopThere }) => stopThere.has(word))
  );
}

/**
 * `country`: of the number, ISO 3166. A refusal is understood in every language we know, whatever the country: not to understand one costs
 * more than to obey a word too many; so an unknown country misses none. Coming back and asking for help take a word spoken there, or of English.
 */
export function inboundMeaning(text: string, country: string | undefined): InboundMeaning {
  const word = bare(text);
  if (word === '') return 'free_text';
  if (isStop(word, country)) return 'stop';
  // Said twice, or in two ways, it is still all she says; and so is the line under our texts, copied: 回复TD退订.
  const parts = text
    .split(/[\s\p{P}]+/u)
    .map(bare)
    .filter(Boolean);
  const copied = word.replace(COPIED, '').split(BORDER);
  if ([parts, copied].some((each) => each.every((part) => isStop(part, country)))) return 'stop';
  const spoken = spokenIn(country);
  if (spoken.some(({ start }) => start.has(word))) return 'start';
  return spoken.some(({ help }) => help.has(word)) ? 'help' : 'free_text';
}

/** The one answer to a refusal: who, that it is done, and how to come back. Nothing that sells. */
export const confirmationText = (brand: string, lang: Lang): string =>
  lang === 'zh'
    ? `您已退订${brand}的营销短信，不会再收到。如需恢复，请回复“订阅”。`
    : `${brand}: you are unsubscribed and will get no more marketing texts. Reply START to resubscribe.`;
