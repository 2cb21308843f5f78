// Which provider do these settings name?
import { unreachable } from '../../../kernel/result.ts';
import { aliyunSms } from './aliyun.ts';
import { httpSms } from './generic-http.ts';
import type { ProviderOptions, SmsProvider } from './provider.ts';
import type { SmsSettings } from './settings.ts';
import { tencentSms } from './tencent.ts';
import { twilioSms } from './twilio.ts';

export function smsProvider(settings: SmsSettings, options: ProviderOptions): SmsProvider {
  switch (settings.provider) {
    case 'aliyun':
      return aliyunSms(settings, options);
    case 'tencent':
      return tencentSms(settings, options);
    case 'twilio':
      return twilioSms(settings, options);
    case 'http':
      return httpSms(settings, options);
    default:
      return unreachable(settings);
  }
}
