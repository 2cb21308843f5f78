// Every page in English: a file for each language, so that two processors look at once.
import { screensIn } from './screens.ts';

screensIn('en');
