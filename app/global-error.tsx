"use client";

import "./globals.css";

/** Shown when even the frame failed. It carries no code of its own, because the page may have been sent without a nonce for scripts. */
export default function GlobalError({ error }: { error: Error & { digest?: string } }) {
  return (
    <html lang="en">
      <body>
        <title>AVESA data movement</title>
        <main className="mx-auto max-w-150 px-4 py-20">
          <p className="font-medium text-bad">CONSOLE_FAILED</p>
          <h1 className="type-figure mt-2">The console cannot be shown right now</h1>
          <p className="type-prose mt-1.5 text-ink-2">
            Something failed while the frame of the page was made. Nothing was changed, and runs go
            on by themselves.
          </p>
          <p className="mt-4">
            {/* A full load on purpose: the frame that would follow a soft one is what failed. */}
            {/* oxlint-disable-next-line nextjs/no-html-link-for-pages */}
            <a href="/" className="font-medium text-accent underline underline-offset-2">
              Load the console again
            </a>
          </p>
          {error.digest !== undefined && (
            <p className="type-small mt-6 text-ink-3">
              reference <code className="type-mono text-ink">{error.digest}</code>
            </p>
          )}
        </main>
      </body>
    </html>
  );
}
