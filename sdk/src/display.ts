// Shows one message on the page. Guarantees: the close button is there from the start, one click on it (or Escape) closes for good, nothing
// counts down, an advertisement says that it is one, and every text is text: nothing a message holds can become markup or script.
import type { InAppMessage, InAppSurvey } from './message.ts';

export type Happening = 'Seen' | 'Clicked' | 'Closed' | 'Answered';

/** `remove` takes it away without a word: she has not closed it. */
export type Shown = { readonly remove: () => void };

const WORDS = {
  en: {
    close: 'Close',
    ad: 'Ad',
    thanks: 'Thank you.',
    more: 'Anything to add? (optional)',
    send: 'Send',
    off: 'No more of these',
  },
  zh: {
    close: '关闭',
    ad: '广告',
    thanks: '感谢您的反馈。',
    more: '还想补充什么吗？（选填）',
    send: '提交',
    off: '不再显示此类消息',
  },
};

const STYLE = `:host{all:initial}*{box-sizing:border-box}
.m{position:fixed;z-index:2147483000;margin:0;border:0;padding:20px 52px 20px 20px;background:#fff;color:#1f1f1f;font:16px/1.5 system-ui,sans-serif;box-shadow:0 4px 24px #0003;overflow:auto;max-height:90vh;overflow-wrap:anywhere}
.banner{inset:0 0 auto;padding-block:12px}.card{inset:auto 16px 16px auto;width:min(360px,calc(100vw - 32px));border-radius:12px}
.modal{inset:0;margin:auto;width:min(440px,calc(100vw - 32px));height:fit-content;border-radius:12px}.splash{width:100vw;height:100vh;max-width:none;max-height:none;border-radius:0}.modal::backdrop{background:#0008}
h2{font-size:1.15em;margin:0 0 4px}p{margin:4px 0;white-space:pre-line}img{max-width:100%;border-radius:8px}small,.f{color:#595959;font-size:13px;margin-inline-end:8px}
.x{position:absolute;top:8px;right:8px;width:36px;height:36px;padding:0;border:0;border-radius:50%;background:#f0f0f0;color:#1f1f1f;font-size:20px;line-height:1}
a,button{cursor:pointer;font:inherit}.b{display:inline-block;margin:8px 8px 0 0;padding:8px 16px;border:0;border-radius:8px;background:#0050b3;color:#fff;text-decoration:none}
.o{display:block;width:100%;margin-top:8px;padding:8px 12px;text-align:start;border:1px solid #767676;border-radius:8px;background:#fff;color:inherit}
textarea{width:100%;min-height:4em;font:inherit}
:focus-visible{outline:3px solid #0050b3;outline-offset:2px}@media(prefers-color-scheme:dark){.m,.o{background:#1f1f1f;color:#f0f0f0}small,.f{color:#bfbfbf}.b{background:#69b1ff;color:#000}}`;

/** Only what a link may be; anything else (`javascript:` above all) leads nowhere. */
function safeUrl(url: string): string | undefined {
  try {
    const { protocol, href } = new URL(url, location.href);
    return protocol === 'https:' || protocol === 'http:' ? href : undefined;
  } catch {
    return undefined;
  }
}

export function showMessage(
  message: InAppMessage,
  server: string,
  survey: InAppSurvey | undefined,
  report: (what: Happening) => void,
): Shown {
  const words = WORDS[message.lang];
  const { layout } = message;
  const isModal = layout === 'modal' || layout === 'splash';
  const host = document.createElement('rekindle-message');
  const root = host.attachShadow({ mode: 'open' });
  // A constructed sheet needs no leave from the page's content security policy.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLE);
  root.adoptedStyleSheets = [sheet];

  const add = <Tag extends keyof HTMLElementTagNameMap>(
    parent: Node,
    tag: Tag,
    className = '',
    text = '',
  ): HTMLElementTagNameMap[Tag] => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    parent.appendChild(element);
    return element;
  };
  const picture = (parent: Node, url: string | undefined): void => {
    const source = url && safeUrl(url);
    if (!source) return;
    const image = add(parent, 'img');
    image.alt = '';
    image.src = source;
  };
  const link = (parent: Node, label: string, url: string, className: string): void => {
    const href = safeUrl(url);
    if (!href) return;
    const anchor = add(parent, 'a', className, label);
    anchor.href = href;
    anchor.addEventListener('click', () => {
      report('Clicked');
      finish();
    });
  };

  let isOpen = true;
  const finish = (): void => {
    if (!isOpen) return;
    isOpen = false;
    if (box instanceof HTMLDialogElement) box.close();
    host.remove();
  };
  const close = (): void => {
    if (!isOpen) return;
    report('Closed');
    finish();
  };

  // A modal dialog holds the focus, makes the rest inert and gives the focus back: the browser's own is the best there is.
  const box: HTMLElement = add(root, isModal ? 'dialog' : 'section', `m ${isModal ? 'modal ' : ''}${layout}`);
  box.lang = message.lang === 'zh' ? 'zh-CN' : 'en';
  if (layout === 'card') box.setAttribute('role', 'dialog');
  const closer = add(box, 'button', 'x', '×');
  closer.type = 'button';
  closer.setAttribute('aria-label', words.close);
  closer.addEventListener('click', close);
  box.addEventListener('cancel', close);
  box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') close();
  });

  const title = add(box, 'h2', '', message.title || survey?.question || message.body);
  title.id = 't';
  box.setAttribute('aria-labelledby', 't');
  picture(box, message.imageUrl);
  if (message.title) add(box, 'p', '', message.body);
  if (survey) {
    const group = add(box, 'div');
    group.setAttribute('role', 'group');
    if (message.title) {
      group.setAttribute('aria-labelledby', 'q');
      add(group, 'p', '', survey.question).id = 'q';
    } else group.setAttribute('aria-labelledby', 't');
    const send = (answer: string, text: string): void => {
      const body = JSON.stringify({ answer, text });
      void fetch(server + message.surveyPath, { method: 'POST', body, keepalive: true, credentials: 'omit' }).catch(
        () => undefined,
      );
    };
    for (const { answer, label } of survey.options) {
      const option = add(group, 'button', 'o', label);
      option.type = 'button';
      option.addEventListener('click', () => {
        // The tap is the answer; the words are a gift.
        send(answer, '');
        report('Answered');
        group.textContent = '';
        add(group, 'p', '', words.thanks).setAttribute('role', 'status');
        const field = add(group, 'textarea');
        field.setAttribute('aria-label', words.more);
        field.placeholder = words.more;
        field.maxLength = 1000;
        field.focus();
        add(group, 'button', 'b', words.send).addEventListener('click', () => {
          if (field.value.trim()) send(answer, field.value);
          finish();
        });
      });
    }
  }
  if (message.isAd) add(box, 'small', '', words.ad);
  for (const action of message.actions) link(box, action.label, action.url, 'b');

  if (message.optOutPath) {
    const off = add(box, 'a', 'f', words.off);
    off.href = server + message.optOutPath;
    off.target = '_blank';
    off.rel = 'noopener';
  }

  if (!isModal) host.setAttribute('aria-live', 'polite');
  document.body.append(host);
  if (box instanceof HTMLDialogElement) box.showModal();
  report('Seen');
  return { remove: finish };
}
