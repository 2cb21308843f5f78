// Every page in Chinese: a file for each language, so that two processors look at once.
import { screensIn } from './screens.ts';

screensIn('zh');
