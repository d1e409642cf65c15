// Users, organisations and merchants, and who is meant by a scope: computed here from the edges, apart from Signal's
// own queries.
import type { Edge } from "./database";
import type { Random } from "./random";

export type Scope = {
  recipientScope: string;
  organizerId?: string;
  merchantId?: string;
  recipientIds?: string[];
  excludeUserIds?: string[];
};

export class World {
  readonly edges: Edge[] = [];

  join(user: string, kind: "Organizer" | "Merchant", id: string, more: Partial<Edge> = {}) {
    this.edges.push({ subject: ["User", user], target: [kind, id], ...more });
  }
  inherit(merchant: string, kind: "Organizer" | "Merchant", id: string) {
    this.edges.push({ variant: "domain_inherits", subject: ["Merchant", merchant], target: [kind, id] });
  }

  audience(scope: Scope): Set<string> {
    const domains = new Set<string>();
    const users = new Set<string>(scope.recipientIds ?? []);
    const reach = (domain: string) => {
      if (domains.has(domain)) return;
      domains.add(domain);
      for (const { variant, subject, target, deleted } of this.edges) {
        if (variant === "domain_inherits" && !deleted && `${subject[0]}/${subject[1]}` === domain)
          reach(`${target[0]}/${target[1]}`);
      }
    };
    if (scope.organizerId !== undefined) domains.add(`Organizer/${scope.organizerId}`);
    if (scope.merchantId !== undefined) reach(`Merchant/${scope.merchantId}`);
    for (const { variant = "join_domain", subject, target, deleted } of this.edges) {
      if (
        !deleted &&
        (variant === "join_domain" || variant === "group") &&
        subject[0] === "User" &&
        domains.has(`${target[0]}/${target[1]}`)
      )
        users.add(subject[1]);
    }
    for (const user of scope.excludeUserIds ?? []) users.delete(user);
    return users;
  }
}

/** 1,000 users; organisations and merchants with 1 to 1,000 members; inheritance with a cycle; a member who has
 *  left. */
export function thousandUsers(random: Random): { world: World; users: string[]; scope: () => Scope } {
  const world = new World();
  const users = Array.from({ length: 1_000 }, (_, n) => `user-${n}`);
  const sizes = [1, 3, 12, 60, 250, 1_000];
  sizes.forEach((size, n) => {
    for (const kind of ["Organizer", "Merchant"] as const) {
      for (const user of users.slice(n * 7, n * 7 + size))
        world.join(user, kind, `${kind.toLowerCase()}-${n}`, { variant: random.chance(0.3) ? "group" : "join_domain" });
    }
  });
  // the slice above ends before them
  for (const user of users.slice(0, 35)) world.join(user, "Organizer", "organizer-5");
  world.inherit("merchant-0", "Organizer", "organizer-3");
  world.inherit("merchant-1", "Merchant", "merchant-2");
  world.inherit("merchant-2", "Merchant", "merchant-1");
  world.join("ghost", "Organizer", "organizer-0", { deleted: true });
  const scope = (): Scope => {
    const kind = random.below(3);
    // Large audiences are few, as in the field: 1,000 for about one in a hundred.
    const domain = random.chance(0.02) ? 5 : random.chance(0.06) ? 4 : random.below(4);
    const excludeUserIds = random.chance(0.1) ? [random.of(users), random.of(users)] : undefined;
    if (kind === 0)
      return {
        recipientScope: random.of(["org", "organizer", "ORG"]),
        organizerId: `organizer-${domain}`,
        excludeUserIds,
      };
    if (kind === 1) return { recipientScope: "merchant", merchantId: `merchant-${domain}`, excludeUserIds };
    const recipientIds = new Set<string>();
    for (let n = 1 + random.below(random.chance(0.02) ? 1_000 : 40); n > 0; --n) recipientIds.add(random.of(users));
    return { recipientScope: "users", recipientIds: [...recipientIds], excludeUserIds };
  };
  return { world, users, scope };
}
