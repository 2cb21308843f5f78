import type { ChineseOf } from '../words/language.ts';
import type { en } from './words.en.ts';

export const zh: ChineseOf<typeof en> = {
  welcome: '欢迎，请先认识一下',
  welcome_text: '这将创建第一个账号，即此系统的所有者。账号只保存在这台服务器上。',
  welcome_back: '登录 {{brand}}',
  your_name: '您的姓名',
  password_help: '至少 {{n}} 个字符。几个词语比几个符号更好记。',
  token: '初始化令牌',
  token_help: '其他机器可以访问本服务器，创建第一个账号需要其终端中显示的令牌。',
  create: '创建账号',
  with_provider: '通过 {{name}} 登录',
  provider_refused: '身份已验证，但您尚未受邀加入。请联系所有者。',
  forgotten: '忘记密码？',
  forgotten_text: '我们会向您发送一个链接，用于设置新密码，1 小时内有效。',
  forgotten_sent: '如果该邮箱已有账号，链接正在发送途中。',
  forgotten_send: '发送链接',
  reset: '设置新密码',
  reset_done: '新密码已生效，所有设备均已退出。请用新密码登录。',
  join: '加入 {{brand}}',
  join_text: '{{email}} 受邀成为：{{role}}',
  join_spent: '此链接已失效',
  to_sign_in: '前往登录',
  foot: '唤醒正在流失的客户，并证明有多少回归是因为您。',
};
