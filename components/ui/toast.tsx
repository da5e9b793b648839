"use client";

import { Toast } from "@base-ui/react/toast";
import Link from "next/link";
import type { ReactNode } from "react";
import { HUE_TEXT } from "@/components/ui/hue";
import { Icon, type IconName } from "@/components/ui/icon";
import { cn } from "@/lib/cn";
import type { Hue } from "@/lib/status";

interface ToastLink {
  href: string;
  label: string;
}

interface ToastData {
  icon: IconName;
  hue: Hue;
  link?: ToastLink | undefined;
}

/** One manager for the tab, so that a toast can be sent from anywhere in the browser's code. */
const manager = Toast.createToastManager<ToastData>();

/**
 * Shows one line at the bottom right for five seconds, with at most one link. Never the only trace of anything: what it says must also stand on
 * the page or in the audit.
 */
export function showToast(toast: {
  text: string;
  hue?: Hue;
  icon?: IconName;
  link?: ToastLink | undefined;
}): void {
  const hue = toast.hue ?? "neutral";
  manager.add({
    title: toast.text,
    timeout: 5000,
    priority: hue === "bad" ? "high" : "low",
    data: {
      icon: toast.icon ?? (hue === "bad" ? "circle-x" : "circle-check"),
      hue,
      link: toast.link,
    },
  });
}

/** Holds the toasts of the application. */
export function Toaster({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={manager}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-50 flex w-120 max-w-[calc(100vw-2rem)] flex-col-reverse gap-2 outline-none">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList() {
  const { toasts } = Toast.useToastManager<ToastData>();
  return toasts.map((toast) => (
    <Toast.Root
      key={toast.id}
      toast={toast}
      className="rounded-toast border border-float-line bg-float text-ink shadow-toast transition-opacity duration-120 ease-out data-starting-style:opacity-0 data-ending-style:opacity-0 data-limited:hidden"
    >
      <Toast.Content className="type-base flex min-h-10 items-center gap-2 px-3">
        <Icon
          name={toast.data?.icon ?? "circle-check"}
          className={cn(HUE_TEXT[toast.data?.hue ?? "neutral"])}
        />
        <Toast.Title render={<p />} className="min-w-0 flex-1 py-2" />
        {toast.data?.link && (
          <Link
            href={toast.data.link.href}
            className="font-medium whitespace-nowrap text-accent underline-offset-2 hover:underline"
          >
            {toast.data.link.label}
          </Link>
        )}
        <Toast.Close
          aria-label="Dismiss"
          className="touch inline-flex size-6 items-center justify-center rounded-tag text-ink-2 hover:text-ink"
        >
          <Icon name="x" size={12} />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
