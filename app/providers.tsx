"use client";

import { CSPProvider } from "@base-ui/react/csp-provider";
import { Tooltip } from "@base-ui/react/tooltip";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import { type ReactNode, useState } from "react";
import { ShortcutProvider } from "@/components/shell/shortcuts";
import { ZoneSync } from "@/components/shell/zone-sync";
import { Toaster } from "@/components/ui/toast";

/** One query client a browser tab; on the server one a request, because the component's state lives no longer. */
function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: 5_000, retry: 1, refetchOnWindowFocus: true },
    },
  });
}

/**
 * Everything a page stands in: server data, URL state, shortcuts, tooltips, toasts. Primitives create no style elements: a soft navigation brings another
 * nonce than the one in the policy of the page that is open, and our own sheet has what they would add.
 * @param zoneCookie the time zone that the server knows of, null on the first visit
 */
export function Providers({
  zoneCookie,
  children,
}: {
  zoneCookie: string | null;
  children: ReactNode;
}) {
  const [queryClient] = useState(makeQueryClient);
  return (
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <NuqsAdapter>
          <ShortcutProvider>
            <Tooltip.Provider delay={300} closeDelay={0}>
              <Toaster>{children}</Toaster>
            </Tooltip.Provider>
          </ShortcutProvider>
        </NuqsAdapter>
        <ZoneSync zoneCookie={zoneCookie} />
      </QueryClientProvider>
    </CSPProvider>
  );
}
