import { describe, expect, it } from 'vitest';
import { confirmationText, inboundMeaning } from './inbound-words.ts';

describe('an answer by SMS', () => {
  it.each([
    // 47 CFR 64.1200(a)(10): the per-se words.
    ...['stop', 'quit', 'end', 'revoke', 'opt out', 'cancel', 'unsubscribe'].map(
      (word) => [word, 'US', 'stop'] as const,
    ),
    ['STOP', 'US', 'stop'],
    [' Stop. ', 'US', 'stop'],
    ['“Stop”', 'US', 'stop'],
    ['STOP 🛑', 'US', 'stop'],
    ['STOP ✋️', 'US', 'stop'],
    ['ＳＴＯＰ', 'US', 'stop'],
    ['s t o p', 'US', 'stop'],
    ['STOP STOP', 'US', 'stop'],
    ['Stop. Unsubscribe!', 'US', 'stop'],
    ['opt-out', 'US', 'stop'],
    ['stopall', 'US', 'stop'],
    ['Stop all', 'US', 'stop'],
    ['ARRÊT', 'FR', 'stop'],
    ['TD', 'CN', 'stop'],
    ['ｔｄ', 'CN', 'stop'],
    ['t d', 'CN', 'stop'],
    ['T', 'CN', 'stop'],
    ['Ｒ', 'CN', 'stop'],
    ['N', 'CN', 'stop'],
    ['R 退订', 'CN', 'stop'],
    ['R退订', 'CN', 'stop'],
    ['退订R', 'CN', 'stop'],
    ['回复TD退订', 'CN', 'stop'],
    ['请回复 R', 'CN', 'stop'],
    ['回Ｔ退订', 'CN', 'stop'],
    ['回复TD退订', 'US', 'stop'],
    ['回复', 'CN', 'free_text'],
    ['回复我', 'CN', 'free_text'],
    ['R退订', 'US', 'free_text'],
    ['退订A套餐', 'CN', 'free_text'],
    ['TD-LTE 多少钱', 'CN', 'free_text'],
    ['TDZD', 'CN', 'stop'],
    ['0000', 'CN', 'stop'],
    ['００００', 'CN', 'stop'],
    ['退订', 'CN', 'stop'],
    ['退订。', 'CN', 'stop'],
    ['【退订】', 'CN', 'stop'],
    // Understood wherever she is.
    ['退订', 'US', 'stop'],
    ['stop', 'CN', 'stop'],
    ['START', 'US', 'start'],
    ['unstop', 'US', 'start'],
    ['订阅', 'CN', 'start'],
    ['help', 'GB', 'help'],
    ['帮助', 'CN', 'help'],
    // One letter means nothing where nobody prints it.
    ['R', 'US', 'free_text'],
    ['n', 'US', 'free_text'],
    ['T', undefined, 'free_text'],
    ['订阅', 'US', 'free_text'],
    ['when does it start?', 'US', 'free_text'],
    ['please stop texting me so late', 'US', 'free_text'],
    ['什么时候开始', 'CN', 'free_text'],
    ['不想退订，只想改地址', 'CN', 'free_text'],
    ['', 'US', 'free_text'],
    ['👍', 'US', 'free_text'],
    ['constructor', 'US', 'free_text'],
    ['stop', '__proto__', 'stop'],
    // Six, in Spanish; a country, in English.
    ['seis', 'ES', 'free_text'],
    ['Peru', 'US', 'free_text'],
    ['seis', 'FI', 'stop'],
  ] as const)('%j from %s is %s', (text, country, meaning) => {
    expect(inboundMeaning(text, country)).toBe(meaning);
  });

  // What people type there, with and without the marks of the language; the last column is no word at all, but a sentence that holds one.
  it.each([
    ['US', ['REVOKE', 'Parar', 'alto'], ['START', 'Yes'], ['INFO', 'ayuda'], 'I will stop by at the store'],
    ['CA', ['ARRÊT', 'arret', 'Désabonner'], ['Commencer', 'UNSTOP'], ['Aide', 'HELP'], 'arrêt de bus ?'],
    ['GB', ['Stop', 'UNSUBSCRIBE', 'opt out'], ['START'], ['help'], 'please do not stop'],
    ['IE', ['STOP', 'Opt-Out'], ['start'], ['INFO'], 'the end is near'],
    ['AU', ['STOP', 'Unsub', 'OPT OUT'], ['Start'], ['help'], 'stop or go'],
    ['NZ', ['stop', 'Cancel'], ['START'], ['HELP'], 'cancel my order'],
    ['CN', ['TD', '退订', '拒收', 'R', '０'.repeat(4)], ['订阅', 'KT'], ['帮助', 'bz'], '怎么退订？'],
    ['HK', ['取消接收', '退訂', 'UNSUBSCRIBE', 'R'], ['訂閱', '恢復'], ['幫助'], '如何取消訂閱'],
    ['TW', ['取消訂閱', '停止', '拒絕', 'N'], ['重新訂閱'], ['說明'], '請問怎麼停止'],
    [
      'JP',
      ['停止', '配信停止', 'ｽﾄｯﾌﾟ', '解除。', 'ストップ'],
      ['再開', 'ｽﾀｰﾄ'],
      ['ヘルプ', 'ﾍﾙﾌﾟ'],
      '停止しないでください',
    ],
    ['KR', ['수신거부', '수신 거부', '구독 취소', '해지'], ['수신동의', '시작'], ['도움말'], '언제 시작하나요'],
    ['SG', ['UNSUB', 'stop', '退订', 'Berhenti'], ['subscribe', '订阅'], ['help', '帮助'], 'can you stop it'],
    [
      'MY',
      ['OUT', 'BATAL', 'henti', 'Berhenti', '退订', 'BLOCK'],
      ['MULA', 'UNBLOCK'],
      ['Bantuan'],
      'bila boleh berhenti',
    ],
    ['IN', ['STOP', 'बंद', 'बंद करें', 'रोको', 'band'], ['START', 'शुरू'], ['HELP', 'मदद'], 'इसे बंद क्यों किया'],
    ['BR', ['SAIR', 'Parar', 'PARE', 'Descadastrar', 'sai'], ['INICIAR', 'começar'], ['AJUDA'], 'quero sair hoje'],
    ['PT', ['SAIR', 'cancelar', 'Remover'], ['Começar'], ['ajuda'], 'quando vou parar'],
    ['ES', ['BAJA', 'Darme de baja', '¡Parar!', 'cancelar'], ['ALTA'], ['Ayuda'], 'planta baja'],
    ['MX', ['ALTO', 'baja', 'PARAR', 'Salir'], ['Alta', 'iniciar'], ['AYUDA'], 'alto ahí'],
    [
      'FR',
      ['STOP', 'Arrêter', 'DÉSABONNER', 'Stop SMS', 'résilier'],
      ['Oui', 'START'],
      ['AIDE', 'contact'],
      'sans arrêt',
    ],
    ['BE', ['STOP', 'Afmelden', 'UIT', 'arrêt', 'Abmelden'], ['aanmelden', 'oui'], ['HULP', 'aide'], 'ik ga uit'],
    ['NL', ['STOP', 'Afmelden', 'uitschrijven', 'UIT'], ['AAN', 'aanmelden'], ['hulp'], 'hoe kan ik afmelden'],
    ['DE', ['STOPP', 'Abmelden', 'kündigen', 'KUENDIGEN', 'Stop alle'], ['Anmelden'], ['HILFE'], 'nicht abmelden'],
    ['AT', ['STOP', 'abbestellen', 'Beenden'], ['starten'], ['Hilfe'], 'wann ist Stopp'],
    [
      'CH',
      ['STOP', 'Abmelden', 'arrêter', 'Disdici'],
      ['anmelden', 'inizia'],
      ['hilfe', 'AIDE', 'aiuto'],
      'halte stop bus',
    ],
    ['IT', ['STOP', 'Cancella', 'Disiscrivimi', 'BASTA'], ['Attiva', 'inizia'], ['AIUTO'], 'non cancella'],
    ['SE', ['STOPP', 'Avsluta', 'AVANMÄL', 'avregistrera'], ['börja', 'START'], ['Hjälp'], 'kan ni sluta nu'],
    ['NO', ['STOPP', 'Avslutt', 'MELD AV'], ['Påmelding', 'begynn'], ['HJELP'], 'ikke avslutt'],
    ['DK', ['STOP', 'Afmeld', 'FRAMELD', 'slut', 'Stop alt'], ['Tilmeld'], ['Hjælp'], 'hvornår er det slut'],
    ['FI', ['STOP', 'Lopeta', 'PERUUTA', 'seis', 'Ei kiitos'], ['Aloita', 'tilaa'], ['OHJE', 'apua'], 'älä lopeta'],
    ['PL', ['STOP', 'Rezygnuję', 'WYPISZ MNIE', 'usuń'], ['Wznów', 'zapisz'], ['Pomoc'], 'koniec świata'],
  ] as const)('in %s', (country, stops, starts, helps, sentence) => {
    for (const text of stops) expect([text, inboundMeaning(text, country)]).toEqual([text, 'stop']);
    for (const text of starts) expect([text, inboundMeaning(text, country)]).toEqual([text, 'start']);
    for (const text of helps) expect([text, inboundMeaning(text, country)]).toEqual([text, 'help']);
    expect(inboundMeaning(sentence, country)).toBe('free_text');
    // A refusal misses nowhere we do not know; coming back takes English there.
    for (const unknown of [undefined, 'ZZ'])
      for (const text of stops.filter((each) => each.length > 1))
        expect([text, inboundMeaning(text, unknown)]).toEqual([text, 'stop']);
  });

  it('comes back by START and UNSTOP from anywhere, and by no word that refuses', () => {
    for (const country of ['US', 'CN', 'JP', 'ZZ', undefined])
      expect([inboundMeaning('START', country), inboundMeaning('unstop', country)]).toEqual(['start', 'start']);
    expect(inboundMeaning('訂閱', 'JP')).toBe('free_text');
  });

  it('confirms without selling', () => {
    for (const lang of ['en', 'zh'] as const) {
      expect(confirmationText('Fern', lang)).toContain('Fern');
      expect(confirmationText('Fern', lang)).not.toMatch(/https?:|%|优惠|offer|discount/i);
    }
  });
});
