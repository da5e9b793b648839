import {
  Activity,
  ArrowLeft,
  ArrowRight,
  BadgeCheck,
  Ban,
  Building2,
  Check,
  ChevronDown,
  ChevronLeft,
  ChevronRight,
  ChevronsUpDown,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleQuestionMark,
  CircleX,
  Clock,
  Contrast,
  Copy,
  Database,
  Download,
  Ellipsis,
  Equal,
  FileText,
  Funnel,
  GitCommitHorizontal,
  Hash,
  History,
  Hourglass,
  Inbox,
  Info,
  KeyRound,
  Keyboard,
  LayoutGrid,
  Link2,
  ListFilter,
  LoaderCircle,
  LogOut,
  type LucideIcon,
  Menu,
  Monitor,
  Moon,
  OctagonAlert,
  PanelLeft,
  Pause,
  Play,
  RotateCw,
  Scale,
  ScrollText,
  Search,
  ServerOff,
  Settings,
  ShieldCheck,
  Split,
  Square,
  Stamp,
  Sun,
  Table2,
  Trash2,
  TriangleAlert,
  Undo2,
  Unplug,
  User,
  X,
} from "lucide-react";
import { cn } from "@/lib/cn";

const ICONS = {
  activity: Activity,
  "arrow-left": ArrowLeft,
  "arrow-right": ArrowRight,
  "badge-check": BadgeCheck,
  ban: Ban,
  building: Building2,
  check: Check,
  "chevron-down": ChevronDown,
  "chevron-left": ChevronLeft,
  "chevron-right": ChevronRight,
  "chevrons-up-down": ChevronsUpDown,
  "circle-check": CircleCheck,
  "circle-dashed": CircleDashed,
  "circle-dot": CircleDot,
  "circle-question-mark": CircleQuestionMark,
  "circle-x": CircleX,
  clock: Clock,
  contrast: Contrast,
  copy: Copy,
  database: Database,
  download: Download,
  ellipsis: Ellipsis,
  equal: Equal,
  file: FileText,
  filter: ListFilter,
  funnel: Funnel,
  grid: LayoutGrid,
  hash: Hash,
  history: History,
  hourglass: Hourglass,
  inbox: Inbox,
  info: Info,
  key: KeyRound,
  keyboard: Keyboard,
  link: Link2,
  "loader-circle": LoaderCircle,
  "log-out": LogOut,
  menu: Menu,
  monitor: Monitor,
  moon: Moon,
  "octagon-alert": OctagonAlert,
  panel: PanelLeft,
  pause: Pause,
  play: Play,
  "rotate-cw": RotateCw,
  scale: Scale,
  scroll: ScrollText,
  search: Search,
  "server-off": ServerOff,
  settings: Settings,
  shield: ShieldCheck,
  split: Split,
  square: Square,
  stamp: Stamp,
  sun: Sun,
  table: Table2,
  trash: Trash2,
  "triangle-alert": TriangleAlert,
  undo: Undo2,
  unplug: Unplug,
  user: User,
  version: GitCommitHorizontal,
  x: X,
} as const satisfies Record<string, LucideIcon>;

/** The icons of the product. One meaning each; a new one is added here and nowhere else. */
export type IconName = keyof typeof ICONS;

/**
 * An icon. It is never read out: the word beside it carries the meaning, and a button that has only an icon carries an `aria-label`.
 * @param size px, 14 by default
 * @param turning true turns it once in 1.6 s, for work in progress
 */
export function Icon({
  name,
  size = 14,
  turning = false,
  className,
}: {
  name: IconName;
  size?: number;
  turning?: boolean;
  className?: string | undefined;
}) {
  const Drawn = ICONS[name];
  return (
    <Drawn
      aria-hidden
      size={size}
      strokeWidth={2}
      className={cn(
        "shrink-0",
        name === "contrast" && "[&_path]:fill-current",
        turning && "animate-turn",
        className,
      )}
    />
  );
}
