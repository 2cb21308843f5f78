// What we write to those who work here. Pure.
import type { Lang } from '../../kernel/lang.ts';

export type LetterWords = { readonly subject: string; readonly text: string };

export const invitationLetter = (lang: Lang, brand: string, by: string, link: string): LetterWords =>
  lang === 'zh'
    ? {
        subject: `${by}邀请您加入 ${brand}`,
        text: `${by}邀请您加入 ${brand} 的重燃控制台。\n\n请打开以下链接设置密码（7 天内有效，仅可使用一次）：\n${link}\n\n如果您并不知情，请忽略此邮件。`,
      }
    : {
        subject: `${by} invites you to ${brand}`,
        text: `${by} invites you to the Rekindle console of ${brand}.\n\nOpen this link to choose a password (good for 7 days, once):\n${link}\n\nIf you did not expect this, do nothing.`,
      };

export const resetLetter = (lang: Lang, brand: string, link: string): LetterWords =>
  lang === 'zh'
    ? {
        subject: `重置 ${brand} 控制台密码`,
        text: `请打开以下链接设置新密码（1 小时内有效，仅可使用一次）：\n${link}\n\n如果不是您本人操作，请忽略此邮件，密码不会改变。`,
      }
    : {
        subject: `A new password for ${brand}`,
        text: `Open this link to choose a new password (good for an hour, once):\n${link}\n\nIf you did not ask for it, do nothing; your password stays.`,
      };
