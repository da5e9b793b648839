import { Brand } from "@/components/shell/mark";
import { NothingHere } from "./nothing-here";

/** An address outside the console's frame. */
export default function NotFound() {
  return (
    <main id="main" className="mx-auto w-full max-w-180 py-10">
      <div className="px-4">
        <Brand />
      </div>
      <NothingHere />
    </main>
  );
}
