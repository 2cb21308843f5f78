// The mails that the product sends by itself, each with one question and one button: did you sign up, and may we write again? Both say who asks, and
// that doing nothing is an answer.
import type { Lang } from '../../kernel/lang.ts';
import { layout, type Words } from './starter-layout.ts';
import type { MailTemplate, MailVersion } from './template.ts';

type Copy = {
  readonly subject: string;
  readonly preheader: string;
  readonly words: Omit<Words, 'buttonUrl'>;
};

const CONFIRM: Readonly<Record<Lang, Copy>> = {
  en: {
    subject: 'Please confirm: mail from {{ brand.name }}',
    preheader: 'One click, and it is settled. Without it you hear nothing more.',
    words: {
      headline: 'Was it you who<br>signed up?',
      paragraphs: [
        'Somebody gave us this address to receive mail from {{ brand.name }}. If it was you, please confirm it.',
        'If it was not you, there is nothing to do: without your yes we write no more.',
      ],
      button: 'Yes, that was me',
      signature: '{{ brand.name }}',
      footer: {
        why: 'You receive this one mail because this address was given to {{ brand.name }}.',
        stop: 'It was not me: never write here again',
        preferences: 'Choose what you receive',
      },
    },
  },
  zh: {
    subject: '请确认：接收 {{ brand.name }} 的邮件',
    preheader: '点击一次即可完成，不点击则不会再收到邮件。',
    words: {
      headline: '是您本人<br>登记的吗？',
      paragraphs: [
        '有人用这个邮箱登记接收 {{ brand.name }} 的邮件。如果是您本人，请确认。',
        '如果不是您，无需任何操作：没有您的确认，我们不会再写信。',
      ],
      button: '是我本人',
      signature: '{{ brand.name }}',
      footer: {
        why: '因有人向 {{ brand.name }} 登记了此邮箱，您收到这一封邮件。',
        stop: '不是我：请不要再发到这里',
        preferences: '管理接收内容',
      },
    },
  },
};

const ASK_AGAIN: Readonly<Record<Lang, Copy>> = {
  en: {
    subject: 'May {{ brand.name }} go on writing to you?',
    preheader: 'We have stopped writing. One click and our mail comes back; do nothing and it stays away.',
    words: {
      headline: 'Shall we go on<br>writing to you?',
      paragraphs: [
        'We wrote a few times and heard nothing, so we have stopped. Perhaps that suits you.',
        'If you would like to hear from us again, press the button. If not, do nothing: this is our last mail.',
      ],
      button: 'Yes, keep writing to me',
      signature: 'Thank you for having been with us,<br>{{ brand.name }}',
      footer: {
        why: 'You receive this mail because you agreed to mail from {{ brand.name }}.',
        stop: 'Unsubscribe with one click',
        preferences: 'Choose what you receive',
      },
    },
  },
  zh: {
    subject: '还希望收到 {{ brand.name }} 的邮件吗？',
    preheader: '我们已停止发送。点一下即可恢复，不理会则不再打扰。',
    words: {
      headline: '还要继续<br>给您写信吗？',
      paragraphs: [
        '我们写过几次信，一直没有回音，所以已经停下，也许这正合您意。',
        '如果您仍想收到我们的消息，请点击按钮；如果不想，无需任何操作，这是最后一封。',
      ],
      button: '是的，请继续写给我',
      signature: '感谢您曾与我们同行<br>{{ brand.name }}',
      footer: {
        why: '您曾同意接收 {{ brand.name }} 的邮件，因此收到此信。',
        stop: '一键退订',
        preferences: '管理接收内容',
      },
    },
  },
};

// Nothing in it is about her, so both variants are the same.
function version(copy: Copy, lang: Lang): MailVersion {
  const mjml = layout('question', lang, { ...copy.words, buttonUrl: '{{ confirm_url }}' }, false);
  const { subject, preheader } = copy;
  return { subject, preheader, mjml, genericSubject: subject, genericMjml: mjml };
}

const asking = (key: string, copy: Readonly<Record<Lang, Copy>>): MailTemplate => ({
  key,
  kind: 'email',
  versions: { en: version(copy.en, 'en'), zh: version(copy.zh, 'zh') },
});

export const ASK_TEMPLATES: readonly MailTemplate[] = [
  asking('confirm-sign-up', CONFIRM),
  asking('re-permission', ASK_AGAIN),
];
