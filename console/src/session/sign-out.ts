// Ends the session and leaves nothing of it in memory.
import { callApi } from '../api/client.ts';

export function useSignOut(): () => void {
  return () => {
    void callApi('DELETE /session', undefined, { isSignIn: true }).finally(() => location.assign('/console/'));
  };
}
