package org.nautile.models.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.nautile.models.Model;
import org.nautile.models.comparison.Figures;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Lists the models. */
@Command(
        name = "models",
        header = "List the models.",
        description = "nautile train NAME trains one; nautile train NAME --help lists its options.")
public final class ModelsCommand implements Subcommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private JsonOption json = new JsonOption();

    /** For {@link java.util.ServiceLoader}. */
    public ModelsCommand() {}

    @Override
    public Integer call() {
        json.check();
        Table table = new Table("model", ">parameters", "part of the course", "what it does");
        List<Map<String, Object>> models = new ArrayList<>();
        for (Model model : Model.all()) {
            table.add(model.name(), Figures.grouped(model.parameters()), model.part(), model.summary());
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", model.name());
            entry.put("part", model.part());
            entry.put("summary", model.summary());
            entry.put("parameters", model.parameters());
            models.add(entry);
        }
        table.print(spec.commandLine().getOut());
        json.write(Map.of("models", models));
        return 0;
    }
}
